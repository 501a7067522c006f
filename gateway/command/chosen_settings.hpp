#pragma once

#include "config/load/load.hpp"
#include "gateway/command/arguments.hpp"
#include "gateway/command/console.hpp"

#include <optional>

namespace gatehouse::gateway {

/// Reads the configuration that the arguments name, prints nothing.
[[nodiscard]] config::Loaded load_settings(const Arguments& arguments);

/// The settings a command works with: those of --config, of gatehouse.yaml when there is one, of
/// the command line for `run --upstream` and `demo`, else the defaults (what `run --upstream`
/// leaves behind in this folder). Prints warnings and mistakes; nothing: there are mistakes, and
/// the exit code is exit_usage.
[[nodiscard]] std::optional<config::Settings> chosen_settings(const Arguments& arguments,
                                                              Console& console);

/// The same with all that was found out while they were read.
[[nodiscard]] std::optional<config::Loaded> chosen(const Arguments& arguments, Console& console);

} // namespace gatehouse::gateway
