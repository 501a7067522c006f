#pragma once

#include "auth/store/redis/feed_scripts.hpp"
#include "auth/store/redis/redis_wakeups.hpp"
#include "auth/store/redis/session_scripts.hpp"
#include "auth/store/store.hpp"

#include <chrono>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::auth::redis {

/// The feed of sessions that ended in Redis, from the stream that RedisSessions writes. It holds
/// nothing else, and each end for an access token's life. A server that restarted or was replaced
/// has a history of its own, where numbers from before mean nothing: then, and when the stream has
/// lost what was heard of it, `changes_after` says not_found.
class RedisFeed final : public ChangeFeed {
public:
    /// `kept`: see RedisSessions. `poll`: how often it looks for changes where it is not told.
    RedisFeed(Pool& pool, std::chrono::milliseconds kept, std::chrono::milliseconds poll);
    /// With another way to hear that there are changes.
    RedisFeed(Pool& pool, const Place& wakeups, std::chrono::milliseconds kept,
              std::chrono::milliseconds poll);

    Result<std::vector<Change>, StoreError> changes_after(std::uint64_t after,
                                                          std::size_t limit) override;
    Result<bool, StoreError> wait_for_changes(std::chrono::milliseconds wait) override;
    void stop_waiting() noexcept override;
    /// All that the stream holds: the server lets go of what is too old.
    Result<Standing, StoreError> standing(Millis ended_after) override;

    Result<void, StoreError> end_again(std::span<const std::string> session_ids,
                                       Millis now) override;

    /// In which history the last standing was taken; "" before.
    [[nodiscard]] std::string history();

private:
    struct Page {
        std::string history;
        std::uint64_t newest = 0; // also of entries that are not in this page
        std::vector<Change> changes;
    };

    [[nodiscard]] Result<Page, StoreError> read(std::uint64_t first, std::size_t limit);
    [[nodiscard]] bool is_of_our_history(const Page& page, std::uint64_t after);
    [[nodiscard]] Result<bool, StoreError> still_has(std::uint64_t heard, std::uint64_t newest);

    Pool& pool_;
    const std::chrono::milliseconds kept_;
    const std::chrono::milliseconds poll_;
    const FeedScripts scripts_;
    const SessionScripts sessions_;
    std::mutex mutex_;
    std::string history_;
    std::pair<std::string, std::uint64_t> seen_{"", 0}; // by whoever waits
    Wakeups wakeups_;
};

} // namespace gatehouse::auth::redis
