#pragma once

#include "auth/store/postgres/pool.hpp"

#include <atomic>

namespace gatehouse::auth::postgres {

/// Notices that the feed has grown, by LISTEN on a connection of its own; where there is a pooler
/// or the server knows no LISTEN, by asking. What a notification says does not matter: the feed's
/// counter, read after it, decides, and so nothing is missed when the connection breaks.
class ChangeWatch {
public:
    /// `direct`, where there is one, leads past a pooler, and is taken while it works. `poll`: how
    /// often the watch asks where it is not told.
    ChangeWatch(Pool& pool, Pool* direct, std::chrono::milliseconds poll);
    ChangeWatch(const ChangeWatch&) = delete;
    ChangeWatch& operator=(const ChangeWatch&) = delete;
    ~ChangeWatch();

    /// See ChangeFeed::wait_for_changes and stop_waiting.
    [[nodiscard]] Result<bool, StoreError> wait(std::chrono::milliseconds patience);
    void stop() noexcept;

private:
    [[nodiscard]] Pool& way() const;
    [[nodiscard]] bool connect(Pool::Steady::time_point give_up);
    void begin_to_listen();
    [[nodiscard]] bool has_grown();
    void sleep_until(Pool::Steady::time_point moment) const;

    Pool& pool_;
    Pool* direct_;
    std::chrono::milliseconds poll_;
    int stop_event_;
    std::atomic<bool> stopped_ = false;
    std::optional<Pool::Lease> line_;
    Pool* line_of_ = nullptr; // whose lease that is
    bool hears_ = false;      // LISTEN works
    std::int64_t seen_ = 0;
};

} // namespace gatehouse::auth::postgres
