#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::config {

/// The names on the way to a claim, from the outermost: `org.plan` is `plan` within `org`. A dot or
/// a backslash that belongs to a name is written with a backslash before it. Empty: this is no
/// path (a name is empty, or a backslash stands before anything else).
[[nodiscard]] std::vector<std::string> split_claim_path(std::string_view path);

} // namespace gatehouse::config
