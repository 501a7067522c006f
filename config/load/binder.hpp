#pragma once

#include "config/diagnostics/report.hpp"
#include "config/settings/settings.hpp"
#include "config/yaml/node.hpp"

namespace gatehouse::config {

/// Reads the document into `settings`, key by key as their tables say. Reports unknown and missing
/// keys and values of the wrong kind, form or range; a key that was reported keeps its default.
void bind(const Node& root, Settings& settings, Report& report);

} // namespace gatehouse::config
