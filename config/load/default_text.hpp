#pragma once

#include "config/settings/terms.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>
#include <string>
#include <type_traits>
#include <vector>

/// What a default looks like in YAML; "" for what has none.
namespace gatehouse::config {

template <class T, class Limit>
[[nodiscard]] std::string default_text(const T& value, const Limit& limit)
{
    if constexpr (std::is_same_v<T, std::string>) {
        return value;
    } else if constexpr (std::is_same_v<T, bool>) {
        return value ? "true" : "false";
    } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
        return fmt::format("[{}]", fmt::join(value, ", "));
    } else if constexpr (std::is_enum_v<T>) {
        return std::string(word_for(value));
    } else if constexpr (requires { value.has_value(); }) {
        return value ? default_text(*value, limit) : "";
    } else if constexpr (std::is_same_v<Limit, SizeRange>) {
        return format_size(value);
    } else if constexpr (std::is_same_v<Limit, DurationRange>) {
        return format_duration(value);
    } else if constexpr (std::is_arithmetic_v<T>) {
        return fmt::format("{}", value);
    } else {
        return "";
    }
}

} // namespace gatehouse::config
