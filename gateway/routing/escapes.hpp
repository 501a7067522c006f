#pragma once

#include <optional>
#include <string_view>

namespace gatehouse::gateway {

/// 0 to 15, or -1 for anything but a hex digit.
[[nodiscard]] constexpr int hex_value(char c) noexcept
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// The byte that the three characters `%xy` at `at` stand for; nothing when they are no escape.
[[nodiscard]] constexpr std::optional<char> escaped_byte(std::string_view text,
                                                         std::size_t at) noexcept
{
    if (at + 2 >= text.size() || text[at] != '%') return {};
    const int high = hex_value(text[at + 1]);
    const int low = hex_value(text[at + 2]);
    if (high < 0 || low < 0) return {};
    return static_cast<char>(high * 16 + low);
}

/// Takes the first character off `text`, decoded when it is an escape. `text` is not empty.
[[nodiscard]] constexpr char take_decoded(std::string_view& text) noexcept
{
    const auto byte = text.front() == '%' ? escaped_byte(text, 0) : std::nullopt;
    const char c = byte ? *byte : text.front();
    text.remove_prefix(byte ? 3 : 1);
    return c;
}

/// Bytes that mean the same with and without an escape.  RFC 3986, 2.3
[[nodiscard]] constexpr bool is_unreserved(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

/// Takes the segment up to the next slash, and that slash, off `rest`.
[[nodiscard]] constexpr std::string_view take_segment(std::string_view& rest) noexcept
{
    const auto slash = rest.find('/');
    const auto segment = rest.substr(0, slash);
    rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
    return segment;
}

/// A segment without its path parameters: `a;v=1` is `a`.
[[nodiscard]] constexpr std::string_view without_params(std::string_view segment) noexcept
{
    return segment.substr(0, segment.find(';'));
}

} // namespace gatehouse::gateway
