#pragma once

#include "config/settings/settings.hpp"
#include "gateway/command/arguments.hpp"
#include "gateway/command/console.hpp"

namespace gatehouse::gateway {

/// `status`, `reload`, `log-level`, `cache purge`, `quit`, `config show --live` and `explain
/// --live`: what the gateway says that runs with these settings, asked through its admin API.
/// Returns the exit code.
[[nodiscard]] int run_running_command(const Arguments& arguments, const config::Settings& settings,
                                      Console& console);

/// `config show`: every value of the file, with secrets masked, and where it comes from.
[[nodiscard]] int run_config(const Arguments& arguments, const config::Settings& settings,
                             Console& console);

} // namespace gatehouse::gateway
