#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>

namespace gatehouse::auth {

/// Why calls of a store fail, for whoever runs the gateway: callers are told `unavailable` and no
/// more. An outage fails every call, so one failure a second is said and the others are counted.
/// Safe from any thread.
class FailureReport {
public:
    /// `why` is a server's or a library's own words; `unsaid` failures came since the last one.
    using Say = std::function<void(std::string_view why, std::uint64_t unsaid)>;
    using Steady = std::chrono::steady_clock;

    explicit FailureReport(Say say) : say_(std::move(say)) {}

    void note(std::string_view why, Steady::time_point now = Steady::now()) noexcept;

private:
    const Say say_; // empty: nobody listens
    std::mutex mutex_;
    std::optional<Steady::time_point> said_at_;
    std::uint64_t unsaid_ = 0;
};

} // namespace gatehouse::auth
