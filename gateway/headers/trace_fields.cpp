#include "gateway/headers/trace_fields.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace gatehouse::gateway {
namespace {

constexpr std::size_t longest_key = 256;
constexpr std::size_t longest_value = 256;

bool is_lower_or_digit(char c) noexcept
{
    return is_digit(c) || (c >= 'a' && c <= 'z');
}

/// Level 2, of whose keys those of level 1 are some.
bool is_tracestate_key(std::string_view key) noexcept
{
    if (key.empty() || key.size() > longest_key || !is_lower_or_digit(key.front())) return false;
    return std::ranges::all_of(key, [](char c) {
        return is_lower_or_digit(c) || c == '_' || c == '-' || c == '*' || c == '/' || c == '@';
    });
}

bool is_tracestate_value(std::string_view value) noexcept
{
    if (value.empty() || value.size() > longest_value || value.back() == ' ') return false;
    return std::ranges::all_of(
        value, [](char c) { return c >= ' ' && c < '\x7f' && c != '=' && c != ','; });
}

/// The members that there were so far.
class TraceState {
public:
    /// false: it is no list of that kind any more.
    [[nodiscard]] bool take(std::string_view member) noexcept
    {
        if (member.empty()) return true;
        const auto equals = member.find('=');
        if (equals == member.npos || count_ == keys_.size()) return false;
        const auto key = member.substr(0, equals);
        if (!is_tracestate_key(key) || !is_tracestate_value(member.substr(equals + 1)))
            return false;
        const auto known = keys_.begin() + static_cast<std::ptrdiff_t>(count_);
        if (std::find(keys_.begin(), known, key) != known) return false;
        keys_[count_++] = key;
        return true;
    }

private:
    std::array<std::string_view, most_tracestate_members> keys_;
    std::size_t count_ = 0;
};

bool is_baggage_value(std::string_view value) noexcept
{
    return std::ranges::all_of(value, [](char c) {
        return c > ' ' && c < '\x7f' && c != '"' && c != ',' && c != ';' && c != '\\';
    });
}

bool is_pair(std::string_view text) noexcept
{
    const auto equals = text.find('=');
    return equals != text.npos && is_token(trimmed(text.substr(0, equals))) &&
           is_baggage_value(trimmed(text.substr(equals + 1)));
}

/// `key=value`, and properties: `;key` or `;key=value`.
bool is_baggage_member(std::string_view member) noexcept
{
    auto end = member.find(';');
    if (!is_pair(member.substr(0, end))) return false;
    while (end != member.npos) {
        member.remove_prefix(end + 1);
        end = member.find(';');
        const auto property = trimmed(member.substr(0, end));
        if (!is_token(property) && !is_pair(property)) return false;
    }
    return true;
}

} // namespace

bool is_valid_tracestate(std::span<const Field> fields) noexcept
{
    TraceState state;
    bool good = true;
    for (const auto& field : fields) {
        if (!equal_ignoring_case(field.name, "tracestate")) continue;
        for_each_element(field.value,
                         [&](std::string_view member) { good = good && state.take(member); });
    }
    return good;
}

bool is_valid_baggage(std::span<const Field> fields) noexcept
{
    std::size_t bytes = 0;
    std::size_t members = 0;
    bool good = true;
    for (const auto& field : fields) {
        if (!equal_ignoring_case(field.name, "baggage")) continue;
        bytes += (bytes == 0 ? 0 : 1) + field.value.size();
        if (enforced("headers.baggage_size") && bytes > most_baggage_bytes) return false;
        for_each_element(field.value, [&](std::string_view member) {
            ++members;
            good = good && is_baggage_member(member);
        });
    }
    return good && members <= most_baggage_members;
}

} // namespace gatehouse::gateway
