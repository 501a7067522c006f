#include "auth/tokens/claim_text.hpp"

#include "config/basics/enforced.hpp"

#include <algorithm>
#include <string_view>

namespace gatehouse::auth {
namespace {

/// A reader gets exactly this text, and nothing of the head is broken by it.
bool travels(std::string_view value) noexcept
{
    const auto printable = [](char c) { return c >= ' ' && c < '\x7f'; };
    return !value.empty() && value.front() != ' ' && value.back() != ' ' &&
           std::ranges::all_of(value, printable);
}

/// What a reader who splits the text looks for, with or without the blanks around it.
std::string_view mark_of(std::string_view separator) noexcept
{
    const auto first = separator.find_first_not_of(' ');
    if (first == std::string_view::npos) return separator;
    return separator.substr(first, separator.find_last_not_of(' ') - first + 1);
}

} // namespace

std::string claim_text(std::span<const std::string> values, const config::ClaimHeader& header)
{
    if (!header.join && values.size() > 1) return {};
    const auto separator = header.join.value_or("");
    const auto mark = mark_of(separator);
    std::string text;
    for (const auto& value : values) {
        if (enforced("claims.header_safe") && !travels(value)) return {};
        const bool splits = header.join && value.find(mark) != std::string::npos;
        if (enforced("claims.header_join") && splits) return {};
        if (&value != &values.front()) text += separator;
        text += value;
    }
    if (enforced("claims.header_size") && text.size() > header.max_bytes) return {};
    return text;
}

} // namespace gatehouse::auth
