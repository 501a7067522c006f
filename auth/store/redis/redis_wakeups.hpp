#pragma once

#include "auth/redis/connection.hpp"

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace gatehouse::auth::redis {

/// Hears that something was said on a channel, on a connection and a thread of its own. What was
/// said does not matter, and may have been missed whenever the connection was: then there is one
/// wakeup more, when it is back.
class Wakeups {
public:
    using Steady = std::chrono::steady_clock;

    Wakeups(Place place, std::string channel);
    Wakeups(const Wakeups&) = delete;
    Wakeups& operator=(const Wakeups&) = delete;
    ~Wakeups();

    /// How many there were.
    [[nodiscard]] std::uint64_t count();
    /// Whether it would hear of more.
    [[nodiscard]] bool is_listening();
    /// Waits until there are more than `known`, it listens no more, or that moment.
    void wait_until(Steady::time_point moment, std::uint64_t known);

    /// Nobody waits from here on.
    void stop_waiting() noexcept;
    [[nodiscard]] bool is_stopped();

private:
    void work();
    void listen(Connection& connection);
    [[nodiscard]] bool goes_on();
    void say(bool listening);

    const Place place_;
    const std::string channel_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t count_ = 0;
    bool listening_ = false;
    bool stopped_ = false;
    bool ending_ = false;
    std::thread thread_; // last: it uses all of the above
};

} // namespace gatehouse::auth::redis
