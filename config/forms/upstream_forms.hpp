#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::config {

/// Statuses of final answers, both ends included.
struct StatusRange {
    unsigned first = 0;
    unsigned last = 0;

    friend bool operator==(const StatusRange&, const StatusRange&) = default;
};

/// `200`, `2xx` or `200-399`; nothing if it is none of these or not within 200 to 599.
[[nodiscard]] std::optional<StatusRange> parse_status_range(std::string_view text);

/// Why a request may be sent again.
enum class RetryCause : std::uint8_t {
    connect,
    reset,
    timeout,
    answer_502,
    answer_503,
    answer_504
};

inline constexpr std::array<std::string_view, 6> retry_causes = {"connect", "reset", "timeout",
                                                                 "502",     "503",   "504"};

[[nodiscard]] std::optional<RetryCause> parse_retry_cause(std::string_view text);

} // namespace gatehouse::config
