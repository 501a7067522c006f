#pragma once

#include "config/diagnostics/diagnostic.hpp"
#include "config/settings/settings.hpp"

#include <vector>

namespace gatehouse::gateway {

/// What is wrong on this machine with the files that lead to the admin API: the token and the unix
/// socket. An error is what a start here would end with; nothing is made.
[[nodiscard]] std::vector<config::Diagnostic> look_at_admin(const config::Settings& settings);

} // namespace gatehouse::gateway
