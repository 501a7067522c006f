#pragma once

#include "config/settings/rates.hpp"

#include <chrono>
#include <cstdint>

namespace gatehouse::gateway {

/// Monotonic time since some moment. All that is known of a key is one of them: when its bucket
/// will be full again; zero, as anything in the past, is a key that nobody has used.
using RateTime = std::chrono::nanoseconds;

/// A rate as times (the generic cell rate algorithm).
struct RateTerms {
    std::chrono::nanoseconds each{}; // after so long one more request may come
    std::chrono::nanoseconds most{}; // what may be used at once, in time

    [[nodiscard]] static RateTerms of(const config::RateSettings& rate) noexcept;

    friend bool operator==(const RateTerms&, const RateTerms&) = default;
};

/// What a rate says to a request.
struct RateVerdict {
    bool passes = true;
    std::uint32_t left = 0;              // requests that may follow at once
    std::chrono::nanoseconds wait{};     // until one may; 0 while some are left
    std::chrono::nanoseconds all_back{}; // until the bucket is full
};

// Values in, values out: no clock, no table.

/// As things stand, before a request is counted.
[[nodiscard]] RateVerdict look_at(const RateTerms& terms, RateTime full_at, RateTime now) noexcept;

/// full_at once so many requests have been counted.
[[nodiscard]] RateTime after_requests(const RateTerms& terms, RateTime full_at, RateTime now,
                                      std::uint32_t requests = 1) noexcept;

} // namespace gatehouse::gateway
