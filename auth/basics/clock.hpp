#pragma once

#include <chrono>

namespace gatehouse::auth {

/// Wall-clock time as tokens and stores count it: whole seconds since 1970 (RFC 7519 NumericDate).
using Seconds = std::chrono::sys_seconds;
/// Wall-clock time where seconds are too coarse: throttles, stragglers, change feeds.
using Millis = std::chrono::sys_time<std::chrono::milliseconds>;

/// Where time comes from. Tests bring a clock that stands still until told.
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Millis now() const noexcept = 0;

    [[nodiscard]] Seconds seconds() const noexcept
    {
        return std::chrono::floor<std::chrono::seconds>(now());
    }
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] Millis now() const noexcept override
    {
        return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    }
};

} // namespace gatehouse::auth
