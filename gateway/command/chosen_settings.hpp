#pragma once

#include "config/settings/settings.hpp"
#include "gateway/command/arguments.hpp"
#include "gateway/command/console.hpp"

#include <optional>

namespace gatehouse::gateway {

/// The settings a command works with: those of --config, of gatehouse.yaml when there is one, of
/// the command line for `run --upstream` and `demo`, else the defaults (what `run --upstream`
/// leaves behind in this folder). Prints warnings and mistakes; nothing: there are mistakes, and
/// the exit code is exit_usage.
[[nodiscard]] std::optional<config::Settings> chosen_settings(const Arguments& arguments,
                                                              Console& console);

} // namespace gatehouse::gateway
