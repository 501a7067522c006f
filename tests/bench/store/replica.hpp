#pragma once

#include "auth/basics/id.hpp"
#include "auth/revocation/feed_follower.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace gatehouse::bench {

using Steady = std::chrono::steady_clock;

/// A session that ended was refused from then on.
struct Heard {
    std::size_t session = 0; // its number among those that are to end
    Steady::time_point at;
};

/// What a gateway has of the feed: a store of its own, the follower over it on a thread, and the
/// table that requests are checked against. It writes down since when it refuses what.
class Replica {
public:
    /// `sessions` end nearly in this order; they and the clock must outlive it. Ends the program if
    /// it cannot catch up.
    Replica(std::unique_ptr<auth::Store> store, const std::vector<auth::Id128>& sessions,
            const auth::Clock& clock);
    Replica(const Replica&) = delete;
    Replica& operator=(const Replica&) = delete;
    ~Replica();

    /// How many of the sessions it has heard of; from any thread.
    [[nodiscard]] std::size_t count() const noexcept
    {
        return count_.load(std::memory_order_acquire);
    }

    /// The first count() of these do not change any more.
    [[nodiscard]] const std::vector<Heard>& heard() const noexcept { return heard_; }

    [[nodiscard]] bool refuses(const auth::Id128& session) const noexcept
    {
        return revocations_.is_ended(session);
    }

private:
    void follow();
    void look();

    std::unique_ptr<auth::Store> store_;
    const std::vector<auth::Id128>& sessions_;
    auth::RevocationTable revocations_;
    auth::FeedFollower follower_;
    std::vector<bool> refused_;     // by number
    std::size_t first_allowed_ = 0; // the first that is not refused
    std::vector<Heard> heard_;      // never grows past what was reserved
    std::atomic<std::size_t> count_{0};
    std::atomic<bool> stopping_{false};
    std::thread thread_; // last: it uses all of the above
};

} // namespace gatehouse::bench
