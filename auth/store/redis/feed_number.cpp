#include "auth/store/redis/feed_number.hpp"

#include <algorithm>
#include <charconv>

namespace gatehouse::auth::redis {

namespace {

constexpr std::uint64_t most_milliseconds = std::uint64_t{1} << 43U;

[[nodiscard]] std::optional<std::uint64_t> whole_number(std::string_view text)
{
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole ? std::optional(value) : std::nullopt;
}

} // namespace

std::optional<std::uint64_t> feed_number(std::string_view id)
{
    const auto dash = id.find('-');
    if (dash == id.npos) return std::nullopt;
    const auto milliseconds = whole_number(id.substr(0, dash));
    const auto count = whole_number(id.substr(dash + 1));
    if (!milliseconds || !count || *milliseconds >= most_milliseconds) return std::nullopt;
    return (*milliseconds << count_bits) | std::min(*count, highest_count);
}

std::string feed_id(std::uint64_t number)
{
    return std::to_string(number >> count_bits) + "-" + std::to_string(number & highest_count);
}

} // namespace gatehouse::auth::redis
