#include "auth/redis/pool.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace gatehouse::auth::redis {

namespace {

using namespace std::chrono_literals;

constexpr auto first_pause = 25ms;
constexpr auto longest_pause = 2000ms;

/// Twice as long after each failure, and then between half of that and all of it: many that failed
/// together do not come back together.
[[nodiscard]] std::chrono::milliseconds pause_after(std::uint32_t failures)
{
    thread_local std::minstd_rand numbers{std::random_device{}()};
    const auto doublings = std::min(failures - 1, 10U);
    const auto pause =
        std::min<std::chrono::milliseconds>(first_pause * (1U << doublings), longest_pause).count();
    return std::chrono::milliseconds(
        std::uniform_int_distribution<std::int64_t>(pause / 2, pause)(numbers));
}

/// The server lives and is no longer whom we want: demoted, or cut off from its primary.
[[nodiscard]] bool has_moved(const Reply& reply)
{
    return reply.is(Reply::Kind::error) && trouble_of(reply.text) == Trouble::read_only;
}

} // namespace

Pool::Pool(Place place, PoolLimits limits)
    : place_(std::move(place)),
      limits_(limits),
      thread_([this] { serve(); })
{
}

Pool::~Pool()
{
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
        wanted_.notify_one();
        changed_.notify_all();
    }
    thread_.join();
}

std::optional<Failure> Pool::first_failure()
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return attempted_ || stopping_; });
    return failure_;
}

bool Pool::is_down()
{
    const std::scoped_lock lock(mutex_);
    return down_;
}

Result<std::vector<Reply>, Failure> Pool::ask(const Commands& commands, Again again)
{
    const auto deadline = Steady::now() + limits_.patience;
    while (true) {
        auto connection = take(deadline);
        if (!connection) return connection.error();
        const auto asked_at = Steady::now();
        auto replies = (*connection)->ask(commands, deadline);
        give_back(std::move(*connection), suspicion_after(replies, asked_at));
        const bool lost = !replies && replies.error().trouble == Trouble::lost;
        if (!lost || again == Again::never) return replies;
    }
}

Result<Reply, Failure> Pool::ask_one(const Commands& command, Again again)
{
    auto replies = ask(command, again);
    if (!replies) return replies.error();
    if (replies->front().is(Reply::Kind::error)) return failure_of(replies->front());
    return std::move(replies->front());
}

Pool::Suspicion Pool::suspicion_after(const Result<std::vector<Reply>, Failure>& replies,
                                      Steady::time_point asked_at) const
{
    if (replies) {
        return std::ranges::any_of(*replies, has_moved) ? Suspicion::moved : Suspicion::none;
    }
    // Redis does one thing at a time: if it let us wait for that long it lets all others wait. A
    // call that had little time left proves nothing.
    const bool silent = replies.error().trouble == Trouble::timed_out &&
                        Steady::now() - asked_at >= limits_.patience / 2;
    return silent ? Suspicion::frozen : Suspicion::none;
}

Result<Pool::Lease, Failure> Pool::take(Deadline deadline)
{
    std::unique_lock lock(mutex_);
    ++waiting_;
    const auto settled = [&] { return stopping_ || down_ || !idle_.empty(); };
    Lease taken;
    while (!taken) {
        wanted_.notify_one();
        if (!changed_.wait_until(lock, deadline, settled) || stopping_ || down_) break;
        taken = std::move(idle_.back()); // the one used last: the others may grow old and be closed
        idle_.pop_back();
        // It was idle: what there is to read now is that the server closed it.
        if (!taken->has_input()) break;
        taken.reset();
        --open_;
    }
    --waiting_;
    if (taken) return taken;
    return down_ && failure_ ? *failure_ : Failure(Trouble::unreachable, "no connection is free");
}

void Pool::give_back(Lease connection, Suspicion suspicion)
{
    const bool good = suspicion == Suspicion::none && connection->is_good();
    std::vector<Lease> closed; // outside the lock
    const std::scoped_lock lock(mutex_);
    if (good) {
        idle_.push_back(std::move(connection));
    } else {
        closed.push_back(std::move(connection));
        --open_;
    }
    if (suspicion != Suspicion::none) {
        // The others are no better. Nobody has to find out one by one: calls are refused until a
        // new connection has shown that somebody fit answers.
        open_ -= idle_.size();
        std::ranges::move(idle_, std::back_inserter(closed));
        idle_.clear();
        down_ = true;
        failure_ = suspicion == Suspicion::frozen
                       ? Failure(Trouble::timed_out, "the server lets everybody wait")
                       : Failure(Trouble::read_only, "the server has become a replica");
        wanted_.notify_one();
        changed_.notify_all();
    }
    changed_.notify_one();
}

bool Pool::is_wanted() const
{
    const bool room = open_ < limits_.connections;
    return stopping_ || !attempted_ || down_ || (room && waiting_ > idle_.size());
}

void Pool::serve()
{
    std::unique_lock lock(mutex_);
    while (true) {
        wanted_.wait(lock, [&] { return is_wanted(); });
        if (stopping_) return;
        if (failures_ > 0) {
            wanted_.wait_for(lock, pause_after(failures_), [&] { return stopping_; });
            if (stopping_) return;
        }
        open_one(lock);
    }
}

void Pool::open_one(std::unique_lock<std::mutex>& lock)
{
    lock.unlock();
    auto connection = Connection::open(place_, Steady::now() + limits_.connect, limits_.reply);
    lock.lock();
    attempted_ = true;
    if (connection) {
        failures_ = 0;
        failure_.reset();
        down_ = false;
        ++open_;
        idle_.push_back(std::move(*connection));
    } else {
        ++failures_;
        failure_ = connection.error();
        // With connections left it may be the server's limit that was met: callers share those.
        down_ = down_ || open_ == 0;
    }
    changed_.notify_all();
}

} // namespace gatehouse::auth::redis
