#include "gateway/cache/cacheable.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::gateway {
namespace {

bool has_any(std::span<const Field> fields, std::span<const std::string_view> names) noexcept
{
    return std::ranges::any_of(fields, [&](const Field& field) {
        return std::ranges::any_of(
            names, [&](std::string_view name) { return equal_ignoring_case(field.name, name); });
    });
}

/// Those that are the same for the next one who asks. None of those that speak of this request
/// (400, 412, 414, 431), of who asks (401, 403, 429), or of a part (206).
bool may_be_kept(unsigned status) noexcept
{
    constexpr std::array<unsigned, 17> kept = {200, 203, 204, 300, 301, 302, 303, 307, 308,
                                               404, 410, 451, 500, 501, 502, 503, 504};
    return std::ranges::find(kept, status) != kept.end();
}

/// What is set up for one client.
constexpr std::array<std::string_view, 7> personal_fields = {
    "set-cookie",         "set-cookie2",         "www-authenticate",
    "proxy-authenticate", "authentication-info", "proxy-authentication-info",
    "content-range"};

} // namespace

CacheUse judge_request(const RequestHead& request, const CacheDirectives& wanted) noexcept
{
    static constexpr std::array<std::string_view, 6> particular = {
        "range", "if-range", "if-match", "if-unmodified-since", "expect", "upgrade"};
    const bool reads = request.method == "GET" || request.method == "HEAD";
    const bool has_body = request.framing.kind == BodyKind::chunked ||
                          (request.framing.kind == BodyKind::length && request.framing.length != 0);
    if (!reads || has_body || request.websocket) return CacheUse::one_time;
    if (enforced("cache.ranges") && has_any(request.fields, particular)) return CacheUse::one_time;
    return wanted.no_store ? CacheUse::one_time : CacheUse::kept;
}

bool is_safe_method(std::string_view method) noexcept
{
    return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE";
}

AnswerTerms judge_answer(const ResponseHead& answer, const KeyedRequest& request,
                         const HeaderPolicy& policy, const config::RouteCacheSettings& settings,
                         auth::Seconds asked, auth::Seconds came)
{
    AnswerTerms terms;
    const auto told = cache_directives(answer.fields);
    if (!may_be_kept(answer.status) && enforced("cache.status")) return terms;
    if (enforced("cache.no_store") && (told.no_store || told.is_private)) return terms;
    if (enforced("cache.personal_answer") && has_any(answer.fields, personal_fields)) return terms;
    // Where its end is the connection's, nobody can tell whether it was cut.
    if (enforced("cache.until_close") && answer.framing.kind == BodyKind::until_close) return terms;
    if (answer.framing.kind == BodyKind::length && answer.framing.length > settings.max_body_bytes)
        return terms;
    const auto freshness = freshness_of(answer, told, settings, asked, came);
    auto variation = variation_of(answer.fields, request.fields, policy);
    if (!freshness || !variation) return terms;
    const bool is_public = told.is_public || settings.shared;
    const bool for_all = is_public && !(variation->of_user() && enforced("cache.vary_user"));
    // What depends on cookies of the service's own is somebody's, and we do not know whose.
    if (!for_all && request.is_personal && enforced("cache.foreign_cookies")) return terms;
    terms.whom = for_all || !enforced("cache.public_only") ? KeptFor::all : KeptFor::user;
    terms.freshness = *freshness;
    terms.variation = std::move(*variation);
    return terms;
}

} // namespace gatehouse::gateway
