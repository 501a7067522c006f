#include "config/scalars/scalars.hpp"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <ranges>

namespace gatehouse::config {
namespace {

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

// The largest first: printing takes the first that divides.
constexpr Unit duration_units[] = {
    {"d",  86'400'000},
    {"h",  3'600'000 },
    {"m",  60'000    },
    {"s",  1'000     },
    {"ms", 1         },
};
constexpr Unit size_units[] = {
    {"GiB", GiB},
    {"MiB", MiB},
    {"KiB", KiB},
    {"B",   1  },
};

/// Splits `15m`, multiplies, and keeps the product below `largest`.
template <std::size_t N>
std::optional<std::uint64_t> parse_with_unit(std::string_view text, const Unit (&units)[N],
                                             std::uint64_t largest)
{
    const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = parse_count(text.substr(0, end));
    if (!number) return {};
    for (const auto& unit : units) {
        if (unit.name != text.substr(end)) continue;
        if (*number > largest / unit.factor) return {};
        return *number * unit.factor;
    }
    return {};
}

template <std::size_t N>
std::string format_with_unit(std::uint64_t value, const Unit (&units)[N])
{
    if (value == 0) return "0";
    for (const auto& unit : units) {
        if (value % unit.factor == 0) return fmt::format("{}{}", value / unit.factor, unit.name);
    }
    return {}; // not reached: the last factor is 1
}

} // namespace

std::optional<std::uint64_t> parse_count(std::string_view text)
{
    if (text.empty() || (text.size() > 1 && text.front() == '0')) return {};
    std::uint64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stopped != end) return {};
    return value;
}

std::optional<Millis> parse_duration(std::string_view text)
{
    if (text == "0") return Millis{0};
    const auto largest = static_cast<std::uint64_t>(std::numeric_limits<Millis::rep>::max());
    const auto value = parse_with_unit(text, duration_units, largest);
    if (!value) return {};
    return Millis{static_cast<Millis::rep>(*value)};
}

std::optional<std::uint64_t> parse_size(std::string_view text)
{
    if (const auto bytes = parse_count(text)) return bytes;
    return parse_with_unit(text, size_units, std::numeric_limits<std::uint64_t>::max());
}

std::optional<double> parse_ratio(std::string_view text)
{
    constexpr std::size_t most_digits = 9;
    const auto point = text.find('.');
    const auto whole = text.substr(0, point);
    const auto digits = point == text.npos ? std::string_view{} : text.substr(point + 1);
    const bool is_empty = point != text.npos && digits.empty();
    if ((whole != "0" && whole != "1") || is_empty || digits.size() > most_digits) return {};
    double value = 0;
    for (const char digit : std::views::reverse(digits)) {
        if (digit < '0' || digit > '9') return {};
        value = (value + (digit - '0')) / 10;
    }
    value += whole == "1" ? 1 : 0;
    return value <= 1 ? std::optional{value} : std::nullopt;
}

std::optional<bool> parse_boolean(std::string_view text)
{
    if (text == "true") return true;
    if (text == "false") return false;
    return {};
}

std::string format_duration(Millis duration)
{
    return format_with_unit(static_cast<std::uint64_t>(duration.count()), duration_units);
}

std::string format_size(std::uint64_t bytes)
{
    return format_with_unit(bytes, size_units);
}

} // namespace gatehouse::config
