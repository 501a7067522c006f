#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// The code points of a text in UTF-8; nothing if it is not UTF-8 (overlong forms, surrogates and
/// values above U+10FFFF are not).
[[nodiscard]] std::optional<std::vector<char32_t>> code_points(std::string_view utf8);

/// Text somebody sent, fit for a list or a log line: what is not UTF-8 or cannot be seen becomes
/// `?`, and at most `most_bytes` of whole characters are kept.
[[nodiscard]] std::string printable(std::string_view text, std::size_t most_bytes);

/// Shows nothing, or changes how other text is shown: controls, format and bidi characters,
/// zero-width ones and other default ignorables, surrogates, private use, unassigned code points,
/// line and paragraph separators, every space but U+0020, and the replacement characters.
[[nodiscard]] bool is_unseen(char32_t code_point) noexcept;

/// A mark that is drawn onto the character before it.
[[nodiscard]] bool is_combining(char32_t code_point) noexcept;

/// Unicode normalisation form C. Nothing: not UTF-8.
[[nodiscard]] std::optional<std::string> to_nfc(std::string_view utf8);

/// NFKC_Casefold (Unicode, 3.13), repeated until it changes nothing: what looks the same compares
/// the same. Nothing: not UTF-8.
[[nodiscard]] std::optional<std::string> to_nfkc_casefold(std::string_view utf8);

} // namespace gatehouse::auth
