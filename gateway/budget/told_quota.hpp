#pragma once

#include "gateway/budget/quota_news.hpp"

#include <array>
#include <chrono>
#include <cstdint>

namespace gatehouse::gateway {

/// What is left of a quota by what answers have said. Answers may overtake each other, and say
/// nothing of requests that are still on their way: so those are taken off, and within one window
/// of the sender's what is left only ever becomes less. A sender may have several, of a second and
/// of an hour, each of which ends for itself. Pure: any clock that does not go back.
class ToldQuota {
public:
    using Time = std::chrono::nanoseconds;

    /// An answer that came at `now`, while so many other requests were under way.
    void hear(const QuotaNews& news, std::uint32_t under_way, Time now) noexcept;

    /// Whether one more request may go; when not, `open_at()` says when it may be otherwise.
    [[nodiscard]] bool may_take(Time now) noexcept;
    [[nodiscard]] Time open_at(Time now) const noexcept;

    void take() noexcept;
    /// One that was taken never went.
    void give_back() noexcept;

private:
    /// `until` 0: there is none.
    struct Window {
        std::int64_t left = 0; // less than 0: more is under way than may be
        Time until{};
    };

    void hear_left(const Window& told) noexcept;
    void forget_what_is_over(Time now) noexcept;

    // Of each that runs also the next: by the clocks of two machines they overlap.
    std::array<Window, 2 * QuotaNews::most> windows_{};
    Time closed_until_{};
};

} // namespace gatehouse::gateway
