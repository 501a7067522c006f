#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// Strings in one column, as netstrings: {"admin", "a,b"} is `5:admin,3:a,b,`. Readable in a shell,
/// and whatever bytes a string holds come back unharmed.
[[nodiscard]] std::string join_list(std::span<const std::string> strings);

/// What join_list wrote. Text it did not write gives the strings up to the first that makes no
/// sense.
[[nodiscard]] std::vector<std::string> split_list(std::string_view text);

} // namespace gatehouse::auth
