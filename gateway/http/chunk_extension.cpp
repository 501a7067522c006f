#include "gateway/http/chunk_extension.hpp"

#include "gateway/http/field_syntax.hpp"

namespace gatehouse::gateway {
namespace {

/// Each take_ removes what it recognises from the front of `text` and says whether it was there.
void take_blanks(std::string_view& text) noexcept
{
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
}

bool take_char(std::string_view& text, char c) noexcept
{
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

bool take_token(std::string_view& text) noexcept
{
    const auto before = text.size();
    while (!text.empty() && is_token_char(text.front())) text.remove_prefix(1);
    return text.size() < before;
}

bool take_quoted_string(std::string_view& text) noexcept
{
    if (!take_char(text, '"')) return false;
    while (!text.empty() && text.front() != '"') {
        if (text.front() == '\\') text.remove_prefix(1);
        if (text.empty() || is_control(text.front())) return false;
        text.remove_prefix(1);
    }
    return take_char(text, '"');
}

bool take_extension(std::string_view& text) noexcept
{
    take_blanks(text);
    if (!take_char(text, ';')) return false;
    take_blanks(text);
    if (!take_token(text)) return false;

    auto value = text;
    take_blanks(value);
    if (!take_char(value, '=')) return true;
    take_blanks(value);
    text = value;
    return take_token(text) || take_quoted_string(text);
}

} // namespace

bool is_chunk_extensions(std::string_view text) noexcept
{
    while (!text.empty()) {
        if (!take_extension(text)) return false;
    }
    return true;
}

} // namespace gatehouse::gateway
