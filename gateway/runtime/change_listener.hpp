#pragma once

#include "auth/revocation/feed_follower.hpp"
#include "auth/revocation/presence.hpp"
#include "auth/store/store.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

namespace gatehouse::gateway {

/// The feed's follower on a thread of its own, with an end and a measure of how far behind it is.
class ChangeListener {
public:
    using Rooms = auth::FeedFollower::Rooms;

    /// As the follower's. `on_keys` is called on the listener's thread, and once by catch_up().
    /// With a `presence` others are told how far this process has heard, and its lease is kept.
    ChangeListener(Rooms rooms, std::chrono::seconds token_life, std::function<bool()> on_keys,
                   auth::Presence* presence = nullptr);
    ChangeListener(const ChangeListener&) = delete;
    ChangeListener& operator=(const ChangeListener&) = delete;
    ~ChangeListener();

    /// Loads what a starting process must refuse. Nothing may be served before this succeeded; the
    /// caller tries again after an error.
    [[nodiscard]] Result<void, auth::StoreError> catch_up();

    /// Follows the feed on a thread of its own from where catch_up() left it.
    void start();
    /// Ends the thread at once; the feed's wait_for_changes is of no use afterwards.
    void stop() noexcept;

    /// How long ago this process last knew all there was to know. Before catch_up(): for ever.
    /// Below half a second when all is well; from any thread.
    [[nodiscard]] std::chrono::milliseconds silence() const noexcept;

    /// The number of the last change this process knows of; from any thread.
    [[nodiscard]] std::uint64_t sequence() const noexcept
    {
        return sequence_.load(std::memory_order_relaxed);
    }

private:
    void follow();
    [[nodiscard]] bool hear_and_wait();
    [[nodiscard]] Result<void, auth::StoreError> report();
    /// true: others should be told.
    [[nodiscard]] bool note_contact() noexcept;
    void rest(std::chrono::milliseconds pause);

    auth::ChangeFeed& feed_;
    auth::FeedFollower follower_;
    auth::Presence* presence_;
    std::atomic<std::chrono::steady_clock::duration::rep> last_contact_;
    std::atomic<std::uint64_t> sequence_{0};

    std::mutex mutex_;
    std::condition_variable stopping_;
    bool stopped_ = false;
    std::thread thread_;
};

} // namespace gatehouse::gateway
