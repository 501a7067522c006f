#include "gateway/runtime/change_listener.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace gatehouse::gateway {

namespace {

using Steady = std::chrono::steady_clock;

constexpr auto never = std::numeric_limits<Steady::duration::rep>::min();

} // namespace

ChangeListener::ChangeListener(Rooms rooms, std::chrono::seconds token_life,
                               std::function<bool()> on_keys, auth::Presence* presence)
    : feed_(rooms.feed),
      follower_(rooms, token_life, std::move(on_keys)),
      presence_(presence),
      last_contact_(never)
{
}

ChangeListener::~ChangeListener()
{
    stop();
}

Result<void, auth::StoreError> ChangeListener::catch_up()
{
    if (const auto reported = report(); !reported) return reported.error();
    const auto caught_up = follower_.catch_up();
    if (caught_up) static_cast<void>(note_contact()); // the thread tells, when it has started
    return caught_up;
}

void ChangeListener::start()
{
    thread_ = std::thread([this] { follow(); });
}

void ChangeListener::stop() noexcept
{
    {
        const std::scoped_lock lock(mutex_);
        stopped_ = true;
        stopping_.notify_all();
    }
    feed_.stop_waiting();
    if (thread_.joinable()) thread_.join();
}

std::chrono::milliseconds ChangeListener::silence() const noexcept
{
    const auto last = last_contact_.load(std::memory_order_acquire);
    if (last == never) return std::chrono::milliseconds::max();
    const auto since = Steady::now().time_since_epoch() - Steady::duration(last);
    return std::chrono::duration_cast<std::chrono::milliseconds>(since);
}

void ChangeListener::follow()
{
    const auto goes_on = [&] {
        const std::scoped_lock lock(mutex_);
        return !stopped_;
    };
    while (goes_on()) {
        const auto pause = follower_.rest_after(hear_and_wait());
        if (pause.count() > 0) rest(pause);
    }
}

bool ChangeListener::hear_and_wait()
{
    if (!report() || !follower_.hear()) return false;
    if (note_contact()) return true; // the next round begins with a report
    auto wait = auth::FeedFollower::longest_wait;
    if (presence_ != nullptr) wait = std::min(wait, presence_->longest_rest());
    return follower_.wait_for_more(wait).has_value();
}

Result<void, auth::StoreError> ChangeListener::report()
{
    if (presence_ == nullptr) return {};
    return presence_->report(follower_.sequence());
}

bool ChangeListener::note_contact() noexcept
{
    sequence_.store(follower_.sequence(), std::memory_order_relaxed);
    last_contact_.store(Steady::now().time_since_epoch().count(), std::memory_order_release);
    return presence_ != nullptr && presence_->heard(follower_.sequence());
}

void ChangeListener::rest(std::chrono::milliseconds pause)
{
    std::unique_lock lock(mutex_);
    stopping_.wait_for(lock, pause, [&] { return stopped_; });
}

} // namespace gatehouse::gateway
