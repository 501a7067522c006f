#include "gateway/http/field_syntax.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::gateway {
namespace {

constexpr auto token_chars = [] {
    std::array<bool, 256> chars{};
    for (unsigned c = 0; c < chars.size(); ++c) {
        chars[c] = c < 0x80 && is_alphanumeric(static_cast<char>(c));
    }
    for (const char c : std::string_view("!#$%&'*+-.^_`|~"))
        chars[static_cast<unsigned char>(c)] = true;
    return chars;
}();

} // namespace

bool is_token_char(char c) noexcept
{
    return token_chars[static_cast<unsigned char>(c)];
}

bool is_token(std::string_view text) noexcept
{
    return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

std::size_t token_prefix(std::string_view text) noexcept
{
    std::size_t size = 0;
    while (size < text.size() && is_token_char(text[size])) ++size;
    return size;
}

bool has_control(std::string_view text) noexcept
{
    // Without an early exit the compiler looks at many bytes at once; a head rarely holds one.
    bool found = false;
    for (const char c : text) found |= is_control(c);
    return found;
}

std::string_view trimmed(std::string_view text) noexcept
{
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

} // namespace gatehouse::gateway
