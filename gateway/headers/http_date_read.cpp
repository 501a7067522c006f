// Dates of others.
#include "gateway/headers/http_date.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>
#include <chrono>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono;

/// Reads a date from front to back.
class Reader {
public:
    explicit Reader(std::string_view text) noexcept : text_(text) {}

    bool word(std::string_view expected) noexcept
    {
        if (!text_.starts_with(expected)) return false;
        text_.remove_prefix(expected.size());
        return true;
    }

    /// Exactly so many digits; a blank may stand for the first.
    bool number(int& value, std::size_t digits, bool padded = false) noexcept
    {
        if (text_.size() < digits) return false;
        value = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            const char c = text_[i];
            if (padded && i == 0 && c == ' ') continue;
            if (!is_digit(c)) return false;
            value = 10 * value + (c - '0');
        }
        text_.remove_prefix(digits);
        return true;
    }

    bool month(int& value) noexcept
    {
        constexpr std::string_view names = "JanFebMarAprMayJunJulAugSepOctNovDec";
        for (std::size_t i = 0; i < 12; ++i) {
            if (!word(names.substr(3 * i, 3))) continue;
            value = static_cast<int>(i) + 1;
            return true;
        }
        return false;
    }

    /// `Sun`, or with `whole` `Sunday`. Which one it is follows from the date.
    bool day_of_week(bool whole) noexcept
    {
        constexpr std::array<std::string_view, 7> names = {
            "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
        return std::ranges::any_of(
            names, [&](std::string_view name) { return word(whole ? name : name.substr(0, 3)); });
    }

    bool time(hours& h, minutes& m, seconds& s) noexcept
    {
        int hour = 0;
        int minute = 0;
        int second = 0;
        if (!number(hour, 2) || !word(":") || !number(minute, 2) || !word(":") ||
            !number(second, 2))
            return false;
        if (hour > 23 || minute > 59 || second > 60) return false;
        h = hours{hour};
        m = minutes{minute};
        s = seconds{second};
        return true;
    }

    [[nodiscard]] bool at_end() const noexcept { return text_.empty(); }

private:
    std::string_view text_;
};

struct Parts {
    int day = 0;
    int month = 0;
    int year = 0;
    hours h{};
    minutes m{};
    seconds s{};
};

std::optional<auth::Seconds> made(const Parts& parts) noexcept
{
    const year_month_day date{year{parts.year},
                              std::chrono::month{static_cast<unsigned>(parts.month)},
                              std::chrono::day{static_cast<unsigned>(parts.day)}};
    if (!date.ok()) return std::nullopt;
    return sys_days{date} + parts.h + parts.m + parts.s;
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
bool read_fixed(Reader in, Parts& parts) noexcept
{
    return in.day_of_week(false) && in.word(", ") && in.number(parts.day, 2) && in.word(" ") &&
           in.month(parts.month) && in.word(" ") && in.number(parts.year, 4) && in.word(" ") &&
           in.time(parts.h, parts.m, parts.s) && in.word(" GMT") && in.at_end();
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`
bool read_rfc850(Reader in, Parts& parts) noexcept
{
    if (!in.day_of_week(true) || !in.word(", ") || !in.number(parts.day, 2) || !in.word("-") ||
        !in.month(parts.month) || !in.word("-") || !in.number(parts.year, 2) || !in.word(" ") ||
        !in.time(parts.h, parts.m, parts.s) || !in.word(" GMT"))
        return false;
    parts.year += parts.year < 70 ? 2000 : 1900;
    return in.at_end();
}

/// `Sun Nov  6 08:49:37 1994`
bool read_asctime(Reader in, Parts& parts) noexcept
{
    return in.day_of_week(false) && in.word(" ") && in.month(parts.month) && in.word(" ") &&
           in.number(parts.day, 2, true) && in.word(" ") && in.time(parts.h, parts.m, parts.s) &&
           in.word(" ") && in.number(parts.year, 4) && in.at_end();
}

} // namespace

std::optional<auth::Seconds> parse_http_date(std::string_view text) noexcept
{
    const Reader in(text);
    Parts parts;
    if (read_fixed(in, parts) || read_rfc850(in, parts) || read_asctime(in, parts))
        return made(parts);
    return std::nullopt;
}

} // namespace gatehouse::gateway
