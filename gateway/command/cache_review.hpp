#pragma once

#include "gateway/command/policy_report.hpp"

#include <vector>

namespace gatehouse::gateway {

/// What keeps the `cache` of a route from ever being of use, or from being of as much as one would
/// think, and says nothing of it while it runs.
[[nodiscard]] std::vector<PolicyFinding> cache_findings(const config::Settings& settings);

} // namespace gatehouse::gateway
