#include "gateway/runtime/housekeeping.hpp"

namespace gatehouse::gateway {

Housekeeping::Housekeeping(Rooms rooms, std::chrono::seconds retention)
    : rooms_(rooms),
      retention_(retention)
{
}

Housekeeping::~Housekeeping()
{
    stop();
}

void Housekeeping::start(std::chrono::milliseconds interval)
{
    thread_ = std::thread([this, interval] {
        std::unique_lock lock(mutex_);
        while (!stopped_) {
            lock.unlock();
            tidy();
            lock.lock();
            stopping_.wait_for(lock, interval, [&] { return stopped_; });
        }
    });
}

void Housekeeping::stop() noexcept
{
    {
        const std::scoped_lock lock(mutex_);
        stopped_ = true;
        stopping_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
}

void Housekeeping::tidy()
{
    rooms_.revocations.forget(rooms_.clock.seconds());
    // An unavailable store keeps its rows: they are forgotten when it is back.
    [[maybe_unused]] const auto forgotten =
        rooms_.store.forget_before(rooms_.clock.now() - retention_);
}

} // namespace gatehouse::gateway
