#pragma once

#include "config/diagnostics/report.hpp"
#include "config/settings/settings.hpp"
#include "config/yaml/node.hpp"

#include <vector>

namespace gatehouse::config {

/// Every value of `settings`, which were read from `root`, in the order of the reference, and where
/// it came from. What was put in for `${...}` is masked, and so are passwords in URLs; secrets that
/// are no keys of the file are named with their variable.
[[nodiscard]] std::vector<ShownSetting> shown_settings(const Settings& settings, const Node& root,
                                                       const Report& report);

} // namespace gatehouse::config
