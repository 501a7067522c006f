#pragma once

#include "config/settings/upstream_fitness.hpp"

#include <cstdint>

namespace gatehouse::gateway {

/// What checks have found an endpoint to be.
struct HealthVerdict {
    bool known = false; // some check has ended
    bool healthy = true;
    std::uint32_t against = 0; // results in a row that contradict it
};

/// The verdict after one more result. Until the first one an endpoint is used, and the first one
/// counts at once: who starts beside a dead endpoint knows so after one check, not after several
/// intervals.
[[nodiscard]] constexpr HealthVerdict after_check(HealthVerdict before, bool good,
                                                  const config::HealthCheckSettings& settings)
{
    if (!before.known) return {true, good, 0};
    if (good == before.healthy) return {true, good, 0};
    const auto enough = good ? settings.healthy_after : settings.unhealthy_after;
    if (before.against + 1 >= enough) return {true, good, 0};
    return {true, before.healthy, before.against + 1};
}

} // namespace gatehouse::gateway
