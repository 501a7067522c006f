#pragma once

#include "auth/store/postgres/connection.hpp"

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace gatehouse::auth::postgres {

/// Frees threads that wait for a server which answers nothing at all (frozen, or behind a network
/// that swallows packets): no timeout of PostgreSQL or libpq does that. When a call's time is over
/// its connection is cut, and the call fails as lost.
class Watchdog {
public:
    using Steady = std::chrono::steady_clock;

    Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;
    ~Watchdog();

    /// While this lives, the connection is watched. The connection must outlive it.
    class Watch {
    public:
        Watch(Watchdog& dog, Connection& connection, Steady::time_point deadline);
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;
        ~Watch();

        /// Whether the connection was cut.
        [[nodiscard]] bool bit() const;

    private:
        Watchdog& dog_;
        std::multimap<Steady::time_point, Connection*>::iterator place_;
    };

private:
    void serve();

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::multimap<Steady::time_point, Connection*> watched_; // null: it was cut
    bool stopping_ = false;
    std::thread thread_; // last: it uses all of the above
};

} // namespace gatehouse::auth::postgres
