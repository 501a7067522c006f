#pragma once

#include <string_view>

namespace gatehouse::auth {

/// The built-in list: lower-case words of at least eight characters, sorted by their bytes, each
/// with a newline behind it. Made from common_passwords.txt.
[[nodiscard]] std::string_view common_password_lines() noexcept;

/// Whether the list holds it; `folded` is in lower case already.
[[nodiscard]] bool is_common_password(std::string_view folded) noexcept;

} // namespace gatehouse::auth
