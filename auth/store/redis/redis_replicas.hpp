#pragma once

#include "auth/store/redis/feed_scripts.hpp"
#include "auth/store/redis/redis_feed.hpp"
#include "auth/store/replica_book.hpp"

#include <chrono>
#include <mutex>
#include <string>

namespace gatehouse::auth::redis {

/// Who follows the feed in Redis, and how far. What was applied in another history than the
/// server's counts as nothing. A book that is new, or in a new history, may not know of replicas
/// that still hold a lease from before: `replicas` says unavailable until this process has known it
/// for as long as a lease lasts.
class RedisReplicaBook final : public ReplicaBook {
public:
    RedisReplicaBook(Pool& pool, RedisFeed& feed, std::chrono::milliseconds lease);

    Result<void, StoreError> report(const Entry& entry) override;
    Result<Page, StoreError> replicas() override;
    Result<void, StoreError> strike_out(std::string_view replica, std::uint64_t beat) override;

private:
    using Steady = std::chrono::steady_clock;

    /// Notes which book this is.
    [[nodiscard]] bool is_settled(const std::string& history, const std::string& book);

    Pool& pool_;
    RedisFeed& feed_;
    const std::chrono::milliseconds lease_;
    const FeedScripts scripts_;
    std::mutex mutex_;
    std::string known_book_;
    Steady::time_point known_since_;
};

} // namespace gatehouse::auth::redis
