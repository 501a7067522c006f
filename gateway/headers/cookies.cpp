#include "gateway/headers/cookies.hpp"

#include "gateway/http/field_syntax.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

std::string_view cookie_name(std::string_view pair) noexcept
{
    return trimmed(pair.substr(0, pair.find('=')));
}

/// Takes the text up to the next `;`, and that `;`, off the list.
std::string_view take_pair(std::string_view& list) noexcept
{
    const auto end = list.find(';');
    const auto pair = list.substr(0, end);
    list.remove_prefix(end == list.npos ? list.size() : end + 1);
    return pair;
}

} // namespace

void write_cookies_without(HeadWriter& out, std::string_view name, std::string_view value,
                           std::span<const std::string> cut) noexcept
{
    bool begun = false;
    while (!value.empty()) {
        const auto pair = take_pair(value);
        if (std::ranges::find(cut, cookie_name(pair)) != cut.end()) continue;
        if (begun) {
            out.put(';');
            out.put(pair);
            continue;
        }
        const auto blanks = pair.find_first_not_of(" \t");
        if (blanks == pair.npos) continue;
        out.put(name);
        out.put(": ");
        out.put(pair.substr(blanks));
        begun = true;
    }
    if (begun) out.put("\r\n");
}

} // namespace gatehouse::gateway
