#pragma once

#include "config/settings/upstream_fitness.hpp"
#include "gateway/net/buffer.hpp"
#include "gateway/upstream/connect.hpp"

#include <string>

namespace gatehouse::gateway {

/// What one check of an endpoint came to.
struct HealthResult {
    bool good = false;
    std::string reason{}; // for people: `answered 503`
};

/// What an endpoint is asked.
[[nodiscard]] std::string health_request(const EndpointTarget& target,
                                         const config::HealthCheckSettings& settings);

/// What its answer means.
[[nodiscard]] HealthResult judge_health(unsigned status,
                                        const config::HealthCheckSettings& settings);

/// Asks `target` on a connection of its own, within connecting.patience. `blocks` lends memory for
/// the head of the answer; its body is not waited for.
[[nodiscard]] Task<HealthResult> check_health(const EndpointTarget& target,
                                              const config::HealthCheckSettings& settings,
                                              const Connecting& connecting, BufferPool& blocks);

/// The same on the caller's thread, which it holds up for `settings.timeout` at most.
[[nodiscard]] HealthResult check_health_now(const EndpointTarget& target,
                                            const config::HealthCheckSettings& settings);

} // namespace gatehouse::gateway
