#include "gateway/cache/freshness.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/headers/http_date.hpp"
#include "gateway/headers/only_value.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

using std::chrono::seconds;

bool has(std::span<const Field> fields, std::string_view name) noexcept
{
    return std::ranges::any_of(
        fields, [&](const Field& field) { return equal_ignoring_case(field.name, name); });
}

seconds bounded(seconds time) noexcept
{
    return std::clamp(time, seconds{0}, longest_delta);
}

/// What an answer says of its lifetime. What cannot be read is over.
std::optional<seconds> told_lifetime(const ResponseHead& answer, const CacheDirectives& told,
                                     auth::Seconds date)
{
    if (told.s_maxage) return told.s_maxage;
    if (told.max_age) return told.max_age;
    if (has(answer.fields, "expires")) {
        const auto expires = parse_http_date(only_value(answer.fields, "expires"));
        return expires ? bounded(*expires - date) : seconds{0};
    }
    if (told.no_cache) return seconds{0};
    return std::nullopt;
}

/// Statuses that are good for a while where nobody says otherwise; errors are not.
bool has_usual_lifetime(unsigned status) noexcept
{
    return status == 200 || status == 203 || status == 301 || status == 308;
}

/// RFC 9111, 4.2.3
seconds age_at_arrival(const ResponseHead& answer, auth::Seconds date, auth::Seconds asked,
                       auth::Seconds came)
{
    seconds told{0};
    if (has(answer.fields, "age")) {
        // Twice, or no number: as old as can be.
        told = parse_delta(only_value(answer.fields, "age")).value_or(longest_delta);
    }
    const auto apparent = std::max(seconds{0}, seconds(came - date));
    const auto corrected = told + std::max(seconds{0}, seconds(came - asked));
    return bounded(std::max(apparent, corrected));
}

} // namespace

seconds Freshness::age(auth::Seconds now) const noexcept
{
    // A clock that was set back makes nothing younger than it was.
    return bounded(initial_age + std::max(seconds{0}, seconds(now - came)));
}

std::optional<Freshness> freshness_of(const ResponseHead& answer, const CacheDirectives& told,
                                      const config::RouteCacheSettings& settings,
                                      auth::Seconds asked, auth::Seconds came)
{
    const auto date = parse_http_date(only_value(answer.fields, "date")).value_or(came);
    auto lifetime = told_lifetime(answer, told, date);
    if (!lifetime && settings.fresh_for.count() != 0 && has_usual_lifetime(answer.status)) {
        lifetime = settings.fresh_for;
    }
    if (!lifetime) return std::nullopt;
    Freshness freshness;
    freshness.lifetime = bounded(*lifetime);
    freshness.initial_age = age_at_arrival(answer, date, asked, came);
    freshness.came = came;
    freshness.is_asked_each_time = told.no_cache;
    const bool never_stale =
        told.must_revalidate || told.proxy_revalidate || told.s_maxage.has_value() || told.no_cache;
    if (enforced("cache.must_revalidate") && never_stale) return freshness;
    freshness.while_revalidating =
        std::max(told.stale_while_revalidate.value_or(seconds{0}), settings.stale_while_revalidate);
    freshness.if_error =
        std::max(told.stale_if_error.value_or(seconds{0}), settings.stale_if_error);
    return freshness;
}

Fresh judge_freshness(const Freshness& freshness, const CacheDirectives& wanted,
                      auth::Seconds now) noexcept
{
    if (freshness.is_asked_each_time || wanted.no_cache) return Fresh::no;
    if (wanted.max_age && freshness.age(now) > *wanted.max_age) return Fresh::no;
    const auto left = freshness.left(now);
    if (wanted.min_fresh && left < *wanted.min_fresh) return Fresh::no;
    if (left > seconds{0}) return Fresh::yes;
    // Whoever says how old it may be does not want a stale one.
    if (wanted.max_age || wanted.min_fresh) return Fresh::no;
    return -left < freshness.while_revalidating ? Fresh::while_revalidating : Fresh::no;
}

bool may_stand_in(const Freshness& freshness, const CacheDirectives& wanted,
                  auth::Seconds now) noexcept
{
    if (wanted.no_cache || wanted.max_age || wanted.min_fresh) return false;
    return -freshness.left(now) < freshness.if_error;
}

} // namespace gatehouse::gateway
