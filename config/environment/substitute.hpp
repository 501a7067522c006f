#pragma once

#include "config/diagnostics/report.hpp"
#include "config/environment/environment.hpp"
#include "config/yaml/node.hpp"

#include <string>

namespace gatehouse::config {

/// Replaces in every scalar of the tree, never in keys and never in what was replaced:
///   ${NAME}            the variable; an error when it is not set
///   ${NAME:-default}   the default when the variable is not set or empty
///   ${file:/path}      the file's content without its last line break; relative to `folder`
///   $${                the two characters ${
/// The result is never parsed as YAML. A scalar whose replacement failed is marked `broken`.
void substitute(Node& root, const Environment& environment, const std::string& folder,
                Report& report);

} // namespace gatehouse::config
