#pragma once

#include "auth/audit/security_event.hpp"
#include "auth/basics/clock.hpp"
#include "auth/store/failure_report.hpp"
#include "auth/store/store.hpp"
#include "auth/tokens/key_keeper.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace gatehouse::gateway {

/// Looks after the signing keys every few seconds, on a thread of its own: reads those that change
/// without a word, and rotates them when it is time.
class KeyTender {
public:
    struct Rooms {
        auth::KeyKeeper& keys;
        auth::KeyNews& news;
        const auth::Clock& clock;
        auth::SecurityLog& log;
    };

    /// `on_new_ring` is called on the tender's thread. `complain` hears why keys could not be read
    /// or changed, once for each new reason; the old ones go on.
    KeyTender(Rooms rooms, std::function<void()> on_new_ring, auth::FailureReport::Say complain);
    KeyTender(const KeyTender&) = delete;
    KeyTender& operator=(const KeyTender&) = delete;
    ~KeyTender();

    /// Tends every `interval` until stop(). A swapped folder is noticed, and a store that says
    /// nothing is read, as often as that.
    void start(std::chrono::milliseconds interval = std::chrono::seconds(5));
    void stop() noexcept;

    /// One round.
    void tend();

private:
    void note_rotation();
    void announce();

    Rooms rooms_;
    const std::function<void()> on_new_ring_;
    const auth::FailureReport::Say complain_;
    std::string last_problem_;
    bool unannounced_ = false; // others have not heard of what was changed here

    std::mutex mutex_;
    std::condition_variable stopping_;
    bool stopped_ = false;
    std::thread thread_;
};

} // namespace gatehouse::gateway
