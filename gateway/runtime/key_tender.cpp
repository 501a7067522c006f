#include "gateway/runtime/key_tender.hpp"

#include <utility>

namespace gatehouse::gateway {
namespace {

[[nodiscard]] std::string signer_of(const auth::KeyKeeper& keys)
{
    return keys.ring()->access_signer().kid();
}

} // namespace

KeyTender::KeyTender(Rooms rooms, std::function<void()> on_new_ring,
                     auth::FailureReport::Say complain)
    : rooms_(rooms),
      on_new_ring_(std::move(on_new_ring)),
      complain_(std::move(complain))
{
}

KeyTender::~KeyTender()
{
    stop();
}

void KeyTender::start(std::chrono::milliseconds interval)
{
    thread_ = std::thread([this, interval] {
        std::unique_lock lock(mutex_);
        while (!stopping_.wait_for(lock, interval, [&] { return stopped_; })) {
            lock.unlock();
            tend();
            lock.lock();
        }
    });
}

void KeyTender::stop() noexcept
{
    {
        const std::scoped_lock lock(mutex_);
        stopped_ = true;
        stopping_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
}

void KeyTender::tend()
{
    using News = auth::KeyKeeper::News;
    const auto signer = signer_of(rooms_.keys);
    const auto news = rooms_.keys.tend();
    if (!news) {
        const auto& problem = news.error().message;
        if (complain_ && problem != last_problem_) complain_(problem, 0);
        last_problem_ = problem;
        return;
    }
    last_problem_.clear();
    if (*news == News::made) {
        if (signer_of(rooms_.keys) != signer) note_rotation();
        if (!rooms_.keys.announces()) unannounced_ = true;
    }
    announce();
    if (*news != News::none) on_new_ring_();
}

void KeyTender::note_rotation()
{
    rooms_.log.record(event_of_house(auth::SecurityEventKind::key_rotate, "ok", rooms_.clock.now(),
                                     "on schedule"));
}

void KeyTender::announce()
{
    if (unannounced_ && rooms_.news.announce_keys(rooms_.clock.now())) unannounced_ = false;
}

} // namespace gatehouse::gateway
