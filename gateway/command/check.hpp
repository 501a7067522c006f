#pragma once

#include "config/settings/settings.hpp"
#include "gateway/command/arguments.hpp"
#include "gateway/command/console.hpp"

namespace gatehouse::gateway {

/// `check`: settings that got this far are good; says so. With --connect it also opens the store
/// and connects to every endpoint, and reports each: 1 when one of them failed.
[[nodiscard]] int run_check(const Arguments& arguments, const config::Settings& settings,
                            Console& console);

} // namespace gatehouse::gateway
