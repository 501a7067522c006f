#pragma once

#include <chrono>
#include <optional>

namespace gatehouse::gateway {

/// Decides from looks at how late a worker's event loop is whether it should shed work. Begins
/// when every look for a second was late, and ends when none was for a second by half as much.
/// Values in, values out.
class LagWatch {
public:
    using Time = std::chrono::milliseconds;

    static constexpr Time for_so_long{1000};

    /// One look. `late` 0 or less, or no `limit`: it is not.
    void look(Time late, Time limit, Time now) noexcept;

    [[nodiscard]] bool sheds() const noexcept { return sheds_; }

private:
    bool sheds_ = false;
    std::optional<Time> since_; // looks have spoken for a change
};

} // namespace gatehouse::gateway
