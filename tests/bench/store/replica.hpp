#pragma once

#include "auth/revocation/feed_follower.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace gatehouse::bench {

using Steady = std::chrono::steady_clock;

/// A session that ended was refused from then on.
struct Heard {
    std::size_t session = 0; // its number among those that are to end
    Steady::time_point at;
};

/// The sessions that are to end, by id.
using Numbers = std::unordered_map<std::string, std::size_t>;

/// What a gateway has of the feed: a store of its own, the follower over it on a thread, and the
/// table that requests are checked against. It writes down when it heard what.
class Replica {
public:
    /// Both must outlive it. Ends the program if it cannot catch up.
    Replica(std::unique_ptr<auth::Store> store, const Numbers& numbers, const auth::Clock& clock);
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

    [[nodiscard]] bool refuses(const std::string& session) const;

private:
    class Ear;

    void follow();

    std::unique_ptr<auth::Store> store_;
    const Numbers& numbers_;
    auth::RevocationTable revocations_;
    std::unique_ptr<Ear> ear_;
    auth::FeedFollower follower_;
    std::vector<Heard> heard_; // never grows past what was reserved
    std::atomic<std::size_t> count_{0};
    std::atomic<bool> stopping_{false};
    std::thread thread_; // last: it uses all of the above
};

} // namespace gatehouse::bench
