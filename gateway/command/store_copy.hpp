#pragma once

#include "config/settings/settings.hpp"
#include "gateway/command/arguments.hpp"
#include "gateway/command/console.hpp"

namespace gatehouse::gateway {

/// `store copy`: from one SQL store to another. The settings only say how to reach a PostgreSQL.
/// Returns the exit code.
[[nodiscard]] int run_store_copy(const Arguments& arguments, const config::Settings& settings,
                                 Console& console);

} // namespace gatehouse::gateway
