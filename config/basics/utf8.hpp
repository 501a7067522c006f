#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gatehouse {

/// How many bytes the UTF-8 character at the start of `text` has (1 to 4), or 0 when there is none:
/// overlong, surrogate, above U+10FFFF, cut off (Unicode 15, table 3-7).
[[nodiscard]] std::size_t utf8_length(std::string_view text) noexcept;

/// `code` is a Unicode scalar value.
void append_utf8(std::string& out, char32_t code);

} // namespace gatehouse
