#include "gateway/runtime/audit_book.hpp"

#include "config/basics/enforced.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace gatehouse::gateway {

namespace {

using namespace std::chrono_literals;

constexpr auto between_gaps = 1min;

[[nodiscard]] bool is_refusal(const auth::SecurityEvent& event)
{
    return event.outcome != "ok";
}

} // namespace

AuditBook::AuditBook(Rooms rooms, const config::AuditSettings& settings)
    : rooms_(rooms),
      logs_(settings.log),
      stores_(settings.store),
      refusals_(settings.refusals_per_minute, settings.refusals_per_minute)
{
}

AuditBook::~AuditBook()
{
    stop();
}

void AuditBook::use(const config::AuditSettings& settings)
{
    logs_ = settings.log;
    stores_ = settings.store;
    const std::scoped_lock lock(mutex_);
    refusals_ = auth::BucketLimit(settings.refusals_per_minute, settings.refusals_per_minute);
}

void AuditBook::record(const auth::SecurityEvent& event) noexcept
{
    if (logs_) rooms_.log.record(event);
    if (!stores_ || event.is_in_store) return;
    try {
        const std::scoped_lock lock(mutex_);
        collect(event);
    } catch (const std::exception&) { // no memory for a record
        ++dropped_;
    }
}

void AuditBook::collect(const auth::SecurityEvent& event)
{
    if (!has_room_for(event)) {
        ++unsaid_;
        ++dropped_;
        return;
    }
    waiting_.push_back(record_of(event));
    if (is_refusal(event)) refusals_.take(taken_, event.at);
}

bool AuditBook::has_room_for(const auth::SecurityEvent& event)
{
    if (enforced("audit.most_waiting") && waiting_.size() >= most_waiting) return false;
    return !enforced("audit.refusals_per_minute") || !is_refusal(event) ||
           refusals_.wait(taken_, event.at) == 0ms;
}

void AuditBook::start(std::chrono::milliseconds interval)
{
    thread_ = std::thread([this, interval] {
        std::unique_lock lock(mutex_);
        while (!stopping_.wait_for(lock, interval, [&] { return stopped_; })) {
            lock.unlock();
            write();
            lock.lock();
        }
    });
}

void AuditBook::stop() noexcept
{
    {
        const std::scoped_lock lock(mutex_);
        if (std::exchange(stopped_, true)) return;
        stopping_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
    write();
}

void AuditBook::write()
{
    say_what_is_missing();
    while (true) {
        const auto records = next_piece();
        if (records.empty() || !rooms_.trail.append_audit(records)) return;
        const std::scoped_lock lock(mutex_);
        waiting_.erase(waiting_.begin(),
                       waiting_.begin() + static_cast<std::ptrdiff_t>(records.size()));
    }
}

std::vector<auth::AuditRecord> AuditBook::next_piece()
{
    const std::scoped_lock lock(mutex_);
    const auto size = std::min(piece, waiting_.size());
    return {waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(size)};
}

void AuditBook::say_what_is_missing()
{
    const auto now = rooms_.clock.now();
    const std::scoped_lock lock(mutex_);
    if (unsaid_ == 0) return;
    if (!stopped_ && gap_said_at_ && now < *gap_said_at_ + between_gaps) return;
    gap_said_at_ = now;
    const auto many = std::to_string(std::exchange(unsaid_, 0)) + " events left no record";
    const auto gap = event_of_house(auth::SecurityEventKind::audit_gap, "dropped", now, many);
    if (logs_) rooms_.log.record(gap);
    waiting_.push_back(record_of(gap)); // one more than most_waiting does no harm
}

} // namespace gatehouse::gateway
