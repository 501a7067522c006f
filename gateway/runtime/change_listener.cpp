#include "gateway/runtime/change_listener.hpp"

#include <algorithm>
#include <limits>

namespace gatehouse::gateway {

namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

constexpr std::size_t page = 500;

// A quiet feed is looked at this often, so that silence() tells an outage from a quiet hour.
constexpr auto wait = 250ms;

constexpr auto first_pause = 25ms;
constexpr auto longest_pause = 2s;

constexpr auto never = std::numeric_limits<Steady::duration::rep>::min();

} // namespace

ChangeListener::ChangeListener(Rooms rooms, std::chrono::seconds token_life,
                               std::function<bool()> on_keys)
    : rooms_(rooms),
      token_life_(token_life),
      on_keys_(std::move(on_keys)),
      last_contact_(never)
{
}

ChangeListener::~ChangeListener()
{
    stop();
}

Result<void, auth::StoreError> ChangeListener::catch_up()
{
    const auto ended_after = rooms_.clock.now() - token_life_;
    const auto standing = rooms_.feed.standing(ended_after);
    if (!standing) return standing.error();
    rooms_.revocations.load(*standing, rooms_.clock.seconds() + token_life_);
    sequence_ = standing->sequence;
    keys_pending_ = true; // a rotation between reading the keys and this moment has no row to come
    deliver_keys();
    note_contact();
    return {};
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
    rooms_.feed.stop_waiting();
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
    std::chrono::milliseconds pause = first_pause;
    const auto goes_on = [&] {
        const std::scoped_lock lock(mutex_);
        return !stopped_;
    };
    while (goes_on()) {
        if (hear_and_wait()) {
            pause = first_pause;
        } else {
            rest(pause);
            pause = std::min<std::chrono::milliseconds>(pause * 2, longest_pause);
        }
    }
}

bool ChangeListener::hear_and_wait()
{
    if (!hear()) return false;
    deliver_keys();
    return rooms_.feed.wait_for_changes(wait).has_value();
}

Result<void, auth::StoreError> ChangeListener::hear()
{
    while (true) {
        const auto changes = rooms_.feed.changes_after(sequence_, page);
        if (!changes) return changes.error();
        for (const auto& change : *changes) apply(change);
        if (changes->size() < page) break;
    }
    note_contact();
    return {};
}

void ChangeListener::apply(const auth::Change& change)
{
    rooms_.revocations.apply(change, rooms_.clock.seconds() + token_life_);
    if (change.kind == auth::ChangeKind::keys_changed) keys_pending_ = true;
    sequence_ = change.sequence;
}

void ChangeListener::deliver_keys()
{
    if (keys_pending_) keys_pending_ = !on_keys_();
}

void ChangeListener::note_contact() noexcept
{
    last_contact_.store(Steady::now().time_since_epoch().count(), std::memory_order_release);
}

void ChangeListener::rest(std::chrono::milliseconds pause)
{
    std::unique_lock lock(mutex_);
    stopping_.wait_for(lock, pause, [&] { return stopped_; });
}

} // namespace gatehouse::gateway
