#pragma once

#include "config/diagnostics/report.hpp"
#include "gateway/command/arguments.hpp"
#include "gateway/command/console.hpp"
#include "gateway/command/init/plan.hpp"

#include <string>

namespace gatehouse::gateway {

/// What is protected when nobody says anything.
inline constexpr auto default_upstream = "http://127.0.0.1:3000";

/// Where clients connect by HTTPS when nobody says so.
inline constexpr auto listen_by_https = "0.0.0.0:8443";

/// Asks for what neither an option nor a compose file says: what is protected, whether by HTTPS
/// and with which files, where clients connect, who may register. An empty line takes what stands
/// in brackets; a bad answer is asked for again. False when standard input ends before.
[[nodiscard]] bool ask_what_is_open(const Arguments& arguments, Plan& plan, Console& console);

/// `--listen: "x" is not an address` and, on a line of its own, the hint.
[[nodiscard]] std::string told(const std::string& what, const config::Problem& problem);

} // namespace gatehouse::gateway
