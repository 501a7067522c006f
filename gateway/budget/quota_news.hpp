#pragma once

#include "auth/basics/clock.hpp"
#include "gateway/http/head.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace gatehouse::gateway {

/// What one answer says of what its sender may still be asked. Nothing of it is longer than a day.
struct QuotaNews {
    /// So many more requests until then; counted from the answer.
    struct Left {
        std::uint64_t requests = 0;
        std::chrono::seconds until{};
    };

    static constexpr std::size_t most = 4;
    /// More than anybody could send, and no number is larger: sums with it fit.
    static constexpr std::uint64_t endless = std::uint64_t{1} << 62;

    std::array<Left, most> left{};
    std::size_t lefts = 0;
    std::chrono::seconds closed{}; // nothing for so long

    [[nodiscard]] bool empty() const noexcept { return lefts == 0 && closed.count() == 0; }
};

/// Reads `Retry-After` of a 429 or 503, seconds or a date; `RateLimit` as a list of items with `r`
/// and `t`, or as `remaining=, reset=`; `RateLimit-Remaining` with `-Reset`; and the same with
/// `X-`, where the reset may be a time of day in seconds or milliseconds. Times are rounded up.
/// What nobody can read, or comes twice and is no list, says nothing. `now` is our clock, for
/// answers that have no Date.
[[nodiscard]] QuotaNews quota_news(unsigned status, std::span<const Field> fields,
                                   auth::Seconds now) noexcept;

} // namespace gatehouse::gateway
