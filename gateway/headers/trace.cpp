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
    char digits[hex_digits];
    const auto put = [&] {
        put_hex(ids.next(), digits);
        out.put({digits, hex_digits});
    };
    out.put("traceparent: 00-");
    put();
    put();
    out.put('-');
    put();
    out.put("-01\r\n");
}

} // namespace gatehouse::gateway
