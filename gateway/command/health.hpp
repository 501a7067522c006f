#pragma once

#include "config/settings/settings.hpp"
#include "gateway/command/arguments.hpp"
#include "gateway/command/console.hpp"

namespace gatehouse::gateway {

/// Asks the admin address of a running gateway for /healthz, or /readyz with --ready. For container
/// probes: 0 for a 200 within 5 s, else 1.
[[nodiscard]] int run_health(const Arguments& arguments, const config::Settings& settings,
                             Console& console);

} // namespace gatehouse::gateway
