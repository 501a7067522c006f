#pragma once

#include "auth/json/value.hpp"

#include <span>
#include <string>
#include <vector>

namespace gatehouse::auth {

/// What stands behind these names in a payload, from the outermost: the elements of a list, or one
/// value; numbers and booleans as JSON writes them. Empty where it is absent or is nothing that can
/// be compared (null, an object, a fraction). A list counts as a whole.
[[nodiscard]] std::vector<std::string> claim_values(const json::Value& payload,
                                                    std::span<const std::string> names);

} // namespace gatehouse::auth
