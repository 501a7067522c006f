#include "gateway/headers/trace.hpp"

#include "gateway/headers/hex.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

bool is_lower_hex(std::string_view text) noexcept
{
    return std::ranges::all_of(
        text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_zero(std::string_view digits) noexcept
{
    return digits.find_first_not_of('0') == digits.npos;
}

} // namespace

bool is_traceparent(std::string_view value) noexcept
{
    if (value.size() != 55 || !value.starts_with("00-")) return false;
    if (value[35] != '-' || value[52] != '-') return false;
    const auto trace = value.substr(3, 32);
    const auto span = value.substr(36, 16);
    return is_lower_hex(trace) && is_lower_hex(span) && is_lower_hex(value.substr(53)) &&
           !is_zero(trace) && !is_zero(span);
}

void write_new_traceparent(HeadWriter& out, IdSource& ids) noexcept
{
    constexpr std::size_t trace_at = 3;
    constexpr std::size_t span_at = trace_at + 2 * hex_digits + 1;
    char value[] = "00-00000000000000000000000000000000-0000000000000000-01";
    put_hex(ids.next(), value + trace_at);
    put_hex(ids.next(), value + trace_at + hex_digits);
    put_hex(ids.next(), value + span_at);
    out.field("traceparent", {value, sizeof value - 1});
}

} // namespace gatehouse::gateway
