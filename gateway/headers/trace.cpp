#include "gateway/headers/trace.hpp"

#include "gateway/headers/hex.hpp"

#include <algorithm>
#include <charconv>

namespace gatehouse::gateway {
namespace {

// `00-<32 hex>-<16 hex>-<2 hex>`
constexpr std::size_t trace_at = 3;
constexpr std::size_t trace_digits = 2 * hex_digits;
constexpr std::size_t span_at = trace_at + trace_digits + 1;
constexpr std::size_t flags_at = span_at + hex_digits + 1;
constexpr std::size_t least_size = flags_at + 2;

bool is_lower_hex(std::string_view text) noexcept
{
    return std::ranges::all_of(
        text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_zero(std::string_view digits) noexcept
{
    return digits.find_first_not_of('0') == digits.npos;
}

std::uint64_t number(std::string_view hex) noexcept
{
    std::uint64_t value = 0;
    std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
    return value;
}

bool has_known_shape(std::string_view value) noexcept
{
    if (value.size() < least_size) return false;
    if (value.starts_with("00-")) return value.size() == least_size;
    // Later versions may add fields, each behind a dash; ff stands for none.
    const auto version = value.substr(0, 2);
    return is_lower_hex(version) && version != "ff" && value[2] == '-' &&
           (value.size() == least_size || value[least_size] == '-');
}

} // namespace

std::optional<TraceParent> read_traceparent(std::string_view value) noexcept
{
    if (!has_known_shape(value)) return {};
    if (value[span_at - 1] != '-' || value[flags_at - 1] != '-') return {};
    TraceParent parent;
    parent.trace_id = value.substr(trace_at, trace_digits);
    parent.span_id = value.substr(span_at, hex_digits);
    const auto flags = value.substr(flags_at, 2);
    if (!is_lower_hex(parent.trace_id) || !is_lower_hex(parent.span_id) || !is_lower_hex(flags))
        return {};
    if (is_zero(parent.trace_id) || is_zero(parent.span_id)) return {};
    parent.flags = static_cast<std::uint8_t>(number(flags));
    parent.as_it_came = value.starts_with("00");
    return parent;
}

TraceIds ids_of(const TraceParent& parent) noexcept
{
    return {number(parent.trace_id.substr(0, hex_digits)),
            number(parent.trace_id.substr(hex_digits)), number(parent.span_id), parent.flags};
}

void write_traceparent(HeadWriter& out, const TraceIds& ids) noexcept
{
    char value[] = "00-00000000000000000000000000000000-0000000000000000-00";
    put_hex(ids.trace_high, value + trace_at);
    put_hex(ids.trace_low, value + trace_at + hex_digits);
    put_hex(ids.span, value + span_at);
    std::ranges::copy(hex_pairs[ids.flags], value + flags_at);
    out.field("traceparent", {value, sizeof value - 1});
}

void write_traceparent(HeadWriter& out, const TraceParent& parent, std::string_view value) noexcept
{
    if (parent.as_it_came) return out.field("traceparent", value);
    auto ids = ids_of(parent);
    ids.flags &= TraceParent::known_flags; // version 00 knows no others
    write_traceparent(out, ids);
}

void write_new_traceparent(HeadWriter& out, IdSource& ids) noexcept
{
    TraceIds fresh;
    fresh.trace_high = ids.next();
    fresh.trace_low = ids.next();
    fresh.span = ids.next();
    fresh.flags = TraceParent::sampled_flag;
    write_traceparent(out, fresh);
}

} // namespace gatehouse::gateway
