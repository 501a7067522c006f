#pragma once

#include "auth/basics/clock.hpp"
#include "auth/revocation/revocation_table.hpp"
#include "auth/store/store.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

namespace gatehouse::gateway {

/// Hears what other processes did and refuses it here: a logout on one replica, a block from the
/// command line. Skips nothing: it takes the standing of one moment and then every change after
/// it, in order, also after an outage. Rows this process wrote come back too and change nothing.
class ChangeListener {
public:
    struct Rooms {
        auth::ChangeFeed& feed;
        auth::RevocationTable& revocations;
        const auth::Clock& clock;
    };

    /// `token_life`: how long after a session's end an access token of it may still be around.
    /// `on_keys` is called on the listener's thread, and once by catch_up(), when the key ring may
    /// have changed; false: it could not be read, call again soon.
    ChangeListener(Rooms rooms, std::chrono::seconds token_life, std::function<bool()> on_keys);
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

private:
    void follow();
    [[nodiscard]] bool hear_and_wait();
    [[nodiscard]] Result<void, auth::StoreError> hear();
    void apply(const auth::Change& change);
    void deliver_keys();
    void note_contact() noexcept;
    void rest(std::chrono::milliseconds pause);

    Rooms rooms_;
    const std::chrono::seconds token_life_;
    const std::function<bool()> on_keys_;

    std::uint64_t sequence_ = 0; // everything up to here was applied
    bool keys_pending_ = false;
    std::atomic<std::chrono::steady_clock::duration::rep> last_contact_;

    std::mutex mutex_;
    std::condition_variable stopping_;
    bool stopped_ = false;
    std::thread thread_;
};

} // namespace gatehouse::gateway
