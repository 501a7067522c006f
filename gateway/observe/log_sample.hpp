#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace gatehouse::gateway {

/// Which requests write a line: `log.sample`, `log.slow`.
class LogSample {
public:
    LogSample(double ratio, std::chrono::microseconds slow) noexcept;

    [[nodiscard]] bool keeps_all() const noexcept { return ratio_ >= 1; }

    [[nodiscard]] double ratio() const noexcept { return ratio_; }

    /// Whether the request with this id is among those that are kept. The same id has the same
    /// answer everywhere: all lines of one request are kept together, by all gateways it meets.
    [[nodiscard]] bool keeps(std::string_view id) const noexcept;

    /// Errors, refusals, answers that were cut off (their status is that of a success, and `reason`
    /// alone says it) and what took long are kept whatever the ratio.
    [[nodiscard]] bool is_remarkable(unsigned status, std::string_view refusal,
                                     std::string_view reason,
                                     std::chrono::microseconds took) const noexcept;

private:
    double ratio_;
    std::uint64_t below_; // hashes below this are kept
    std::chrono::microseconds slow_;
};

} // namespace gatehouse::gateway
