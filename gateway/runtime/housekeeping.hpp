#pragma once

#include "auth/basics/clock.hpp"
#include "auth/revocation/revocation_table.hpp"
#include "auth/store/store.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace gatehouse::gateway {

/// Forgets what no unexpired token can meet any more, in the revocation table and in the store. On
/// a thread of its own: deleting a million rows must not delay a logout that travels the feed.
class Housekeeping {
public:
    struct Rooms {
        auth::SessionStore& store;
        auth::RevocationTable& revocations;
        const auth::Clock& clock;
    };

    /// `retention`: how long the store remembers an ended session and a change. Longer than any
    /// access token lives and than any replica may be cut off from the feed.
    Housekeeping(Rooms rooms, std::chrono::seconds retention);
    Housekeeping(const Housekeeping&) = delete;
    Housekeeping& operator=(const Housekeeping&) = delete;
    ~Housekeeping();

    /// Tidies now and then every `interval` until stop().
    void start(std::chrono::milliseconds interval = std::chrono::minutes(1));
    void stop() noexcept;

    /// One round. A store that is unavailable is tidied the next time.
    void tidy();

private:
    Rooms rooms_;
    const std::chrono::seconds retention_;

    std::mutex mutex_;
    std::condition_variable stopping_;
    bool stopped_ = false;
    std::thread thread_;
};

} // namespace gatehouse::gateway
