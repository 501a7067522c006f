#pragma once

#include "auth/json/reader.hpp"

#include <string>
#include <string_view>

namespace gatehouse::auth::json {

/// The two leaves of the grammar that need care. Both read at the start of `rest` and, when they
/// succeed, leave it behind what they read.

/// `rest` begins with the opening quote.
[[nodiscard]] Result<std::string, ReadError> scan_string(std::string_view& rest, bool allow_nul);
[[nodiscard]] Result<Value, ReadError> scan_number(std::string_view& rest);

} // namespace gatehouse::auth::json
