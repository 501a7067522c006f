#pragma once

#include "config/forms/forms.hpp"

#include <string_view>

namespace gatehouse::config {

/// A form as editors can check it while somebody types: a regular expression (ECMAScript) that
/// every good text matches and few bad ones do. Empty for forms that no expression says simply.
[[nodiscard]] std::string_view pattern_of(const Form& form);

} // namespace gatehouse::config
