#pragma once

#include "config/settings/settings.hpp"
#include "gateway/command/arguments.hpp"
#include "gateway/command/console.hpp"

namespace gatehouse::gateway {

/// `explain 'GET /a/../b' [--token T] [--host H]`: what the gateway would do with that request and
/// why, by the parser, the decision and the header rewriting that serve requests. Without a token
/// neither store nor keys are touched. Returns the exit code: 0 also for a refused request.
[[nodiscard]] int run_explain(const Arguments& arguments, config::Settings settings,
                              Console& console);

} // namespace gatehouse::gateway
