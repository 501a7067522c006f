#pragma once

#include "auth/json/reader.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::auth::json {

/// The two leaves of the grammar that need care. Both read at the start of `rest` and, when they
/// succeed, leave it behind what they read. What they read goes to where it will stay.

/// `rest` begins with the opening quote; `text` is empty.
[[nodiscard]] std::optional<ReadError> scan_string(std::string_view& rest, std::string& text,
                                                   bool allow_nul);
[[nodiscard]] std::optional<ReadError> scan_number(std::string_view& rest, Value& number);

} // namespace gatehouse::auth::json
