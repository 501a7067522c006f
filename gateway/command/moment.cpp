#include "gateway/command/moment.hpp"

#include "config/scalars/scalars.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::gateway {
namespace {

/// Whether `text` has a digit wherever `form` has a zero, and otherwise what `form` has.
[[nodiscard]] bool looks_like(std::string_view text, std::string_view form)
{
    return std::ranges::equal(text, form, [](char written, char wanted) {
        return wanted == '0' ? written >= '0' && written <= '9' : written == wanted;
    });
}

[[nodiscard]] unsigned number_at(std::string_view text, std::size_t place, std::size_t digits)
{
    unsigned value = 0;
    for (const char digit : text.substr(place, digits)) {
        value = value * 10 + static_cast<unsigned>(digit - '0');
    }
    return value;
}

[[nodiscard]] std::optional<auth::Millis> parse_time(std::string_view text)
{
    constexpr std::array<std::string_view, 3> forms = {"0000-00-00", "0000-00-00T00:00",
                                                       "0000-00-00T00:00:00"};
    if (text.size() > forms[0].size() && text.ends_with('Z')) text.remove_suffix(1);
    if (std::ranges::none_of(forms, [&](auto form) { return looks_like(text, form); })) return {};

    const std::chrono::year_month_day day{
        std::chrono::year(static_cast<int>(number_at(text, 0, 4))),
        std::chrono::month(number_at(text, 5, 2)), std::chrono::day(number_at(text, 8, 2))};
    const auto hour = text.size() > 10 ? number_at(text, 11, 2) : 0;
    const auto minute = text.size() > 10 ? number_at(text, 14, 2) : 0;
    const auto second = text.size() > 16 ? number_at(text, 17, 2) : 0;
    if (!day.ok() || hour > 23 || minute > 59 || second > 59) return {};
    return std::chrono::sys_days(day) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
           std::chrono::seconds(second);
}

} // namespace

std::optional<auth::Millis> parse_moment(std::string_view text, auth::Millis now)
{
    const auto ago = config::parse_duration(text);
    if (!ago) return parse_time(text);
    // Nothing is older than the calendar: subtracting more would overflow.
    return now - std::min<std::chrono::milliseconds>(*ago, now.time_since_epoch());
}

} // namespace gatehouse::gateway
