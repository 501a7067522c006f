#pragma once

#include "config/diagnostics/diagnostic.hpp"
#include "config/settings/settings.hpp"

#include <vector>

namespace gatehouse::gateway {

/// What `check` finds of the file that a store is: nothing is opened, nothing is made.
[[nodiscard]] std::vector<config::Diagnostic> look_at_store_file(const config::Settings& settings);

} // namespace gatehouse::gateway
