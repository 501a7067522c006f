#pragma once

#include "config/settings/upstream_fitness.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace gatehouse::gateway {

/// Monotonic time since any fixed moment, as Timers::now() tells it.
using Monotonic = std::chrono::milliseconds;

/// How often an endpoint was put out of use, and when it came back last.
struct EjectionRecord {
    std::uint32_t times = 0;
    Monotonic back_at{};
};

/// How many endpoints of a group of `total` stay in use whatever happens.
[[nodiscard]] std::size_t least_in_use(std::size_t total, double floor) noexcept;

/// Whether one of `in_use` endpoints may be put out of use. One that is alone never is.
[[nodiscard]] bool may_eject(std::size_t total, std::size_t in_use, double floor) noexcept;

/// Whether so few could be used that all of them are.
[[nodiscard]] bool must_use_all(std::size_t total, std::size_t fit, double floor) noexcept;

/// The record with one more ejection at `now`. An endpoint that has done well for as long as the
/// longest one lasts begins anew.
[[nodiscard]] EjectionRecord ejected_again(EjectionRecord record, Monotonic now,
                                           const config::EjectionSettings& settings) noexcept;

/// How long the last one of `record` lasts: `base` times their number, up to `most`.
[[nodiscard]] Monotonic ejection_time(const EjectionRecord& record,
                                      const config::EjectionSettings& settings) noexcept;

} // namespace gatehouse::gateway
