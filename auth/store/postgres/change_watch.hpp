#pragma once

#include "auth/store/postgres/pool.hpp"

#include <atomic>

namespace gatehouse::auth::postgres {

/// Notices that the feed has grown, by LISTEN on a connection of its own; where the server knows no
/// LISTEN, by asking. What a notification says does not matter: the feed's counter, read after it,
/// decides, and so nothing is missed when the connection breaks.
class ChangeWatch {
public:
    /// `poll`: how often it asks where it is not told.
    ChangeWatch(Pool& pool, std::chrono::milliseconds poll);
    ChangeWatch(const ChangeWatch&) = delete;
    ChangeWatch& operator=(const ChangeWatch&) = delete;
    ~ChangeWatch();

    /// See ChangeFeed::wait_for_changes and stop_waiting.
    [[nodiscard]] Result<bool, StoreError> wait(std::chrono::milliseconds patience);
    void stop() noexcept;

private:
    [[nodiscard]] bool connect(Pool::Steady::time_point give_up);
    [[nodiscard]] bool has_grown();
    void sleep_until(Pool::Steady::time_point moment) const;

    Pool& pool_;
    std::chrono::milliseconds poll_;
    int stop_event_;
    std::atomic<bool> stopped_ = false;
    std::optional<Pool::Lease> line_;
    bool hears_ = false; // LISTEN works
    std::int64_t seen_ = 0;
};

} // namespace gatehouse::auth::postgres
