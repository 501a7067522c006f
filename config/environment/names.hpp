#pragma once

#include <algorithm>
#include <string_view>

namespace gatehouse::config {

/// Letters, digits and `_`, no digit first: what shells take.
[[nodiscard]] inline bool is_variable_name(std::string_view name)
{
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    return !name.empty() && letter(name.front()) &&
           std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

} // namespace gatehouse::config
