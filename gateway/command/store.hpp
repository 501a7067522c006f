#pragma once

#include "config/settings/settings.hpp"
#include "gateway/command/arguments.hpp"
#include "gateway/command/console.hpp"

namespace gatehouse::gateway {

/// `store status|migrate|fence`. Returns the exit code.
[[nodiscard]] int run_store_command(const Arguments& arguments, const config::Settings& settings,
                                    Console& console);

} // namespace gatehouse::gateway
