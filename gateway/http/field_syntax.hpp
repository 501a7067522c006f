#pragma once

#include <cstddef>
#include <string_view>

namespace gatehouse::gateway {

/// A character of a token: method, field name, coding, chunk extension (RFC 9110, 5.6.2).
[[nodiscard]] bool is_token_char(char c) noexcept;
[[nodiscard]] bool is_token(std::string_view text) noexcept;
/// How many bytes at the front of `text` are token characters.
[[nodiscard]] std::size_t token_prefix(std::string_view text) noexcept;

/// NUL and the other bytes that no line of a head may hold; a tab is none of them.
[[nodiscard]] constexpr bool is_control(char c) noexcept
{
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

[[nodiscard]] bool has_control(std::string_view text) noexcept;

[[nodiscard]] constexpr bool is_blank(char c) noexcept
{
    return c == ' ' || c == '\t';
}

[[nodiscard]] constexpr bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

[[nodiscard]] constexpr bool is_alphanumeric(char c) noexcept
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

[[nodiscard]] constexpr char lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Of two texts of one size: equal_ignoring_case(), and folds_to().
[[nodiscard]] bool same_letters(std::string_view a, std::string_view b) noexcept;
[[nodiscard]] bool same_folded(std::string_view name, std::string_view folded) noexcept;

/// ASCII only, whatever the locale says. Asked of every field many times, and mostly answered by
/// the length.
[[nodiscard]] inline bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept
{
    return a.size() == b.size() && same_letters(a, b);
}

/// True when `name` becomes `folded` after lower-casing and turning every non-alphanumeric into
/// `-`, as CGI and WSGI backends confuse names. `folded` is already so.
[[nodiscard]] inline bool folds_to(std::string_view name, std::string_view folded) noexcept
{
    if (name.size() != folded.size()) return false;
    // Names of one size mostly differ in their first letter.
    const char first = folded.empty() ? '-' : folded.front();
    return (first == '-' || lower(name.front()) == first) && same_folded(name, folded);
}

/// Without the spaces and tabs around it.
[[nodiscard]] inline std::string_view trimmed(std::string_view text) noexcept
{
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

/// Calls `use(element)` for each element of a comma-separated field value (RFC 9110, 5.6.1),
/// without surrounding white space. Empty elements are shown too.
template <class Use>
void for_each_element(std::string_view list, Use use)
{
    for (;;) {
        const auto comma = list.find(',');
        use(trimmed(list.substr(0, comma)));
        if (comma == std::string_view::npos) return;
        list.remove_prefix(comma + 1);
    }
}

} // namespace gatehouse::gateway
