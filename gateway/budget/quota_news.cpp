#include "gateway/budget/quota_news.hpp"

#include "gateway/headers/http_date.hpp"
#include "gateway/headers/only_value.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace gatehouse::gateway {
namespace {

using std::chrono::seconds;

constexpr seconds longest{86'400};

/// A whole number, or what stands in front of a decimal point.
std::optional<std::uint64_t> number_in(std::string_view text) noexcept
{
    text = trimmed(text);
    std::uint64_t number = 0;
    const auto* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (read.ec == std::errc::invalid_argument) return std::nullopt;
    if (read.ptr != end && *read.ptr != '.') return std::nullopt;
    return read.ec == std::errc{} ? std::min(number, QuotaNews::endless) : QuotaNews::endless;
}

/// The same of a time: a second that has begun has to be waited for.
std::optional<std::uint64_t> time_in(std::string_view text) noexcept
{
    const auto number = number_in(text);
    if (!number) return std::nullopt;
    const auto point = text.find('.');
    const bool is_whole =
        point == std::string_view::npos || text.find_first_of("123456789", point) == text.npos;
    return *number + (is_whole ? 0 : 1);
}

seconds bounded(std::uint64_t count) noexcept
{
    return seconds{std::min(count, static_cast<std::uint64_t>(longest.count()))};
}

/// By the sender's own clock, where it tells.
class Reader {
public:
    Reader(std::span<const Field> fields, auth::Seconds now) noexcept
        : fields_(fields),
          now_(parse_http_date(only_value(fields, "date")).value_or(now))
    {
    }

    QuotaNews news;

    void read_retry_after() noexcept
    {
        const auto text = only_value(fields_, "retry-after");
        if (const auto count = time_in(text)) {
            news.closed = bounded(*count);
        } else if (const auto date = parse_http_date(text)) {
            news.closed = until(*date);
        }
    }

    void read_pair(std::string_view remaining, std::string_view reset) noexcept
    {
        const auto left = number_in(only_value(fields_, remaining));
        if (!left) return;
        const auto text = only_value(fields_, reset);
        if (const auto time = time_in(text)) {
            add(*left, time_from(*time));
        } else if (const auto date = parse_http_date(text)) {
            add(*left, until(*date));
        } else if (*left == 0) {
            add(0, seconds{1}); // it does not say until when
        }
    }

    /// `"burst";r=9;t=5, "day";r=900;t=3600`, or `limit=10, remaining=9, reset=5`; a list may
    /// stand in several lines.
    void read_list() noexcept
    {
        std::optional<std::uint64_t> remaining;
        std::optional<std::uint64_t> reset;
        for (const auto& field : fields_) {
            if (!equal_ignoring_case(field.name, "ratelimit")) continue;
            for_each_element(field.value, [&](std::string_view element) {
                if (const auto value = member(element, "remaining")) remaining = value;
                if (const auto value = member(element, "reset")) reset = value;
                read_item(element);
            });
        }
        if (remaining) add(*remaining, reset ? bounded(*reset) : seconds{1});
    }

private:
    static std::optional<std::uint64_t> member(std::string_view text,
                                               std::string_view name) noexcept
    {
        const auto equals = text.find('=');
        if (equals == std::string_view::npos) return std::nullopt;
        if (!equal_ignoring_case(trimmed(text.substr(0, equals)), name)) return std::nullopt;
        return number_in(text.substr(equals + 1));
    }

    void read_item(std::string_view item) noexcept
    {
        std::optional<std::uint64_t> left;
        std::optional<std::uint64_t> time;
        for (auto at = item.find(';'); at != std::string_view::npos; at = item.find(';')) {
            item.remove_prefix(at + 1);
            const auto part = item.substr(0, item.find(';'));
            if (const auto value = member(part, "r")) left = value;
            if (const auto value = member(part, "t")) time = value;
        }
        if (left) add(*left, time ? bounded(*time) : seconds{1});
    }

    /// Seconds from now, or a time of day: nobody waits thirty years.
    [[nodiscard]] seconds time_from(std::uint64_t number) const noexcept
    {
        constexpr std::uint64_t first_day = 1'000'000'000;
        constexpr std::uint64_t in_millis = 1'000 * first_day;
        if (number < first_day) return bounded(number);
        const auto count = number >= in_millis ? (number + 999) / 1'000 : number;
        if (count > 100 * first_day) return longest;
        return until(auth::Seconds{seconds{static_cast<std::int64_t>(count)}});
    }

    [[nodiscard]] seconds until(auth::Seconds then) const noexcept
    {
        return std::clamp<seconds>(then - now_, seconds{0}, longest);
    }

    void add(std::uint64_t left, seconds time) noexcept
    {
        if (news.lefts == QuotaNews::most || time.count() == 0) return;
        news.left[news.lefts++] = {left, time};
    }

    std::span<const Field> fields_;
    auth::Seconds now_;
};

} // namespace

QuotaNews quota_news(unsigned status, std::span<const Field> fields, auth::Seconds now) noexcept
{
    Reader reader(fields, now);
    if (status == 429 || status == 503) reader.read_retry_after();
    reader.read_list();
    reader.read_pair("ratelimit-remaining", "ratelimit-reset");
    reader.read_pair("x-ratelimit-remaining", "x-ratelimit-reset");
    return reader.news;
}

} // namespace gatehouse::gateway
