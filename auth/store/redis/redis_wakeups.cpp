#include "auth/store/redis/redis_wakeups.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::auth::redis {

namespace {

using namespace std::chrono_literals;

/// The end has to wait for so long at most, once there is a connection.
constexpr auto slice = 50ms;
/// To connect, and for an answer.
constexpr auto patience = 2s;
/// A silence is looked into: where packets vanish, or a firewall forgot us, nothing else tells.
constexpr auto longest_silence = 5s;

constexpr std::chrono::milliseconds first_pause = 25ms;
constexpr std::chrono::milliseconds longest_pause = 1s;

} // namespace

Wakeups::Wakeups(Place place, std::string channel)
    : place_(std::move(place)),
      channel_(std::move(channel)),
      thread_([this] { work(); })
{
}

Wakeups::~Wakeups()
{
    {
        const std::scoped_lock lock(mutex_);
        ending_ = true;
        changed_.notify_all();
    }
    thread_.join();
}

std::uint64_t Wakeups::count()
{
    const std::scoped_lock lock(mutex_);
    return count_;
}

bool Wakeups::is_listening()
{
    const std::scoped_lock lock(mutex_);
    return listening_;
}

void Wakeups::wait_until(Steady::time_point moment, std::uint64_t known)
{
    std::unique_lock lock(mutex_);
    const bool listening = listening_;
    changed_.wait_until(lock, moment,
                        [&] { return stopped_ || count_ != known || (listening && !listening_); });
}

void Wakeups::stop_waiting() noexcept
{
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
}

bool Wakeups::is_stopped()
{
    const std::scoped_lock lock(mutex_);
    return stopped_;
}

void Wakeups::work()
{
    auto pause = first_pause;
    while (goes_on()) {
        if (auto connection = Connection::open(place_, Steady::now() + patience)) {
            const auto began = Steady::now();
            listen(**connection);
            if (Steady::now() - began > longest_pause) pause = first_pause;
        }
        std::unique_lock lock(mutex_);
        listening_ = false;
        changed_.notify_all();
        changed_.wait_for(lock, pause, [&] { return ending_; });
        pause = std::min(pause * 2, longest_pause);
    }
}

/// Until that is of no use any more.
void Wakeups::listen(Connection& connection)
{
    Commands subscribe;
    subscribe.add_answered_by_push("SUBSCRIBE", channel_);
    subscribe.add("PING"); // its answer comes after the other's
    const auto begun = connection.ask(subscribe, Steady::now() + patience);
    if (!begun || begun->front().is(Reply::Kind::error)) return;
    say(true);
    auto heard_at = Steady::now();
    while (goes_on()) {
        const auto push = connection.next_push(Steady::now() + slice);
        if (!push) return;
        if (*push) {
            heard_at = Steady::now();
            say(true);
        } else if (Steady::now() - heard_at > longest_silence) {
            if (!connection.ask_one(Commands("PING"), Steady::now() + patience)) return;
            heard_at = Steady::now();
        }
    }
}

bool Wakeups::goes_on()
{
    const std::scoped_lock lock(mutex_);
    return !ending_;
}

void Wakeups::say(bool listening)
{
    const std::scoped_lock lock(mutex_);
    listening_ = listening;
    ++count_;
    changed_.notify_all();
}

} // namespace gatehouse::auth::redis
