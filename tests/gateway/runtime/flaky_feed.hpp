#pragma once

#include "auth/store/store.hpp"

#include <atomic>

namespace gatehouse::gateway {

/// A feed in front of a real store that fails as often as told.
class FlakyFeed final : public auth::ChangeFeed {
public:
    explicit FlakyFeed(auth::ChangeFeed& feed) : feed_(feed) {}

    Result<std::vector<auth::Change>, auth::StoreError> changes_after(std::uint64_t after,
                                                                      std::size_t limit) override
    {
        if (fails()) return auth::StoreError::unavailable;
        return feed_.changes_after(after, limit);
    }

    Result<bool, auth::StoreError> wait_for_changes(std::chrono::milliseconds wait) override
    {
        if (fails()) return auth::StoreError::unavailable;
        return feed_.wait_for_changes(wait);
    }

    void stop_waiting() noexcept override { feed_.stop_waiting(); }

    Result<Standing, auth::StoreError> standing(auth::Millis ended_after) override
    {
        if (fails()) return auth::StoreError::unavailable;
        return feed_.standing(ended_after);
    }

    std::atomic<int> failures_left = 0;

private:
    [[nodiscard]] bool fails() { return failures_left > 0 && failures_left-- > 0; }

    auth::ChangeFeed& feed_;
};

} // namespace gatehouse::gateway
