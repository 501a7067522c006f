#pragma once

#include <string_view>

namespace gatehouse::gateway {

/// Whether a judged path is the prefix or lies below it: the auth API's own.
[[nodiscard]] bool is_under(std::string_view path, std::string_view prefix) noexcept;

/// Whether somebody could take a judged path for one under the prefix: other case, escapes,
/// parameters. Credentials posted there by mistake must not reach a backend.  R26
[[nodiscard]] bool resembles(std::string_view path, std::string_view prefix) noexcept;

} // namespace gatehouse::gateway
