#include "gateway/pipeline/decision.hpp"

#include "auth/tokens/authenticator.hpp"
#include "config/basics/enforced.hpp"
#include "gateway/headers/cors.hpp"
#include "gateway/headers/only_value.hpp"
#include "gateway/headers/treatment.hpp"
#include "gateway/pipeline/certificate_rule.hpp"
#include "gateway/pipeline/identification.hpp"
#include "gateway/pipeline/permission.hpp"
#include "gateway/pipeline/serve_limits.hpp"
#include "gateway/routing/auth_prefix.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

using auth::Principal;

/// The first half: which route a judged path leads to.
struct Choice {
    RouteMatch match;
    const config::CorsSettings* preflight = nullptr; // these were asked for, not the route
};

Choice choose(const DecisionRooms& rooms, const RequestHead& head, std::string_view path) noexcept
{
    if (enforced("decision.auth_look_alike") && resembles_auth_path(path, rooms.auth)) return {};
    if (is_preflight(head.method, head.fields)) {
        const auto method = only_value(head.fields, "access-control-request-method");
        const auto match = rooms.router.match(head.host, path, method);
        const auto* settings = match.route == nullptr ? nullptr : match.route->settings;
        if (settings != nullptr && settings->cors) return {match, &*settings->cors};
    }
    return {rooms.router.match(head.host, path, head.method), nullptr};
}

/// The second half: the token and what it may do. Without a route everything is as on a required
/// one, so that a stranger learns nothing of which paths exist.  R25
Result<const Principal*, Refusal> admit(const DecisionRooms& rooms, const RequestHead& head,
                                        const RouteMatch& match, auth::Seconds now,
                                        DecisionScratch& scratch)
{
    const auto* settings = match.route == nullptr ? nullptr : match.route->settings;
    const auto mode = settings == nullptr ? config::AuthMode::required : settings->auth;
    if (mode == config::AuthMode::none) return nullptr;

    const bool believed = may_believe(rooms);
    const Asking asking{head.method, head.host, head.fields, rooms.secure, head.websocket};
    auto principal = identify(rooms, asking, settings, now, scratch);
    if (!principal) {
        if (!believed && !scratch.renewal.refresh_token.empty()) {
            scratch.renewal = {}; // its token would not be believed either
            return no_lease();
        }
        const bool optional = mode == config::AuthMode::optional;
        if (optional && principal.error().code == RefusalCode::token_missing) return nullptr;
        if (enforced("decision.token_required")) return principal; // error() would be a copy
        return nullptr;
    }
    if (!believed) return no_lease();
    if (settings == nullptr) return *principal;
    if (enforced("decision.stale") && rooms.stale && settings->on_stale == config::OnStale::deny)
        return Refusal{RefusalCode::store_unavailable, "change feed is stale"};
    scratch.known = *principal;
    if (auto refusal = refusal_for(*settings, **principal, now)) return *std::move(refusal);
    prove_identity(rooms, settings, now);
    return *principal;
}

/// The same where refusals are only noted: whoever may not pass does so as nobody, unless it is a
/// good token that lacks something.
const Principal* admit_and_report(const DecisionRooms& rooms, const RequestHead& head,
                                  const RouteMatch& match, auth::Seconds now,
                                  DecisionScratch& scratch)
{
    auto principal = admit(rooms, head, match, now, scratch);
    if (principal) return *principal;
    scratch.reported = principal.error();
    if (scratch.known != nullptr) prove_identity(rooms, match.route->settings, now);
    return scratch.known;
}

/// Makes the path that is forwarded, where a route has one of its own.
bool rewrite(Admission& admission, DecisionScratch& scratch)
{
    const auto* treatment = admission.route->treatment;
    if (treatment == nullptr || !treatment->rewrite) return true;
    const bool params = admission.route->settings->allow_path_params;
    if (!treatment->rewrite->expand(admission.path, params, scratch.rewritten)) return false;
    admission.rewritten = scratch.rewritten;
    return true;
}

/// What stands behind a good token where no route does.
Refusal no_route(const RouteMatch& match)
{
    if (match.allow.empty()) return RefusalCode::not_found;
    Refusal refusal{RefusalCode::method_not_allowed};
    refusal.allow = match.allow;
    return refusal;
}

} // namespace

void prove_identity(const DecisionRooms& rooms, const config::RouteSettings* route,
                    auth::Seconds now)
{
    if (rooms.proof == nullptr) return;
    const auto& audience = rooms.proof->audience;
    if (!audience.empty() || (route != nullptr && !route->to.empty())) {
        rooms.authenticator.prove_to(audience.empty() ? route->to : audience, now);
    }
}

Destination destination_of(const RequestHead& head, DecisionScratch& scratch)
{
    const auto end = std::min(head.origin_target.find('?'), head.origin_target.size());
    return {normalise_path(head.origin_target.substr(0, end), scratch.path),
            head.origin_target.substr(end)};
}

Result<Admission, Refusal> decide(const DecisionRooms& rooms, const RequestHead& head,
                                  auth::Seconds now, DecisionScratch& scratch)
{
    return decide(rooms, head, destination_of(head, scratch), now, scratch);
}

Result<Admission, Refusal> decide(const DecisionRooms& rooms, const RequestHead& head,
                                  const Destination& destination, auth::Seconds now,
                                  DecisionScratch& scratch)
{
    scratch.route = nullptr;
    scratch.judged_path = {};
    scratch.renewal.refresh_token = {};
    scratch.cookie_is_over = false;
    scratch.known = nullptr;
    if (scratch.reported) scratch.reported.reset();
    const auto& [path, query] = destination;
    if (!path) return Refusal{path.error(), "path"};
    scratch.judged_path = path->text;

    const auto [match, preflight] = choose(rooms, head, path->text);
    scratch.route = match.route;
    const bool takes_params = match.route != nullptr && match.route->settings->allow_path_params;
    if (enforced("decision.path_params") && path->has_params && !takes_params)
        return Refusal{RefusalCode::bad_request, "path parameters"};
    if (preflight != nullptr) return Admission{match.route, path->text, query, nullptr, preflight};

    if (rooms.rates != nullptr && match.route != nullptr) {
        if (auto refusal = rooms.rates->refuse(*match.route)) return *std::move(refusal);
    }
    const bool reports = match.route != nullptr && match.route->settings->report_only;
    const Principal* known = nullptr;
    if (reports) [[unlikely]] {
        known = admit_and_report(rooms, head, match, now, scratch);
    } else {
        const auto principal = admit(rooms, head, match, now, scratch);
        if (!principal) return principal.error();
        known = *principal;
    }
    if (match.route == nullptr) return no_route(match);
    if (auto refusal = refusal_for(*match.route->settings, rooms.certificate)) {
        if (!reports) return *std::move(refusal);
        if (!scratch.reported) scratch.reported = std::move(refusal);
    }
    const bool upgrade = head.websocket && match.route->settings->websocket;
    Admission admission{match.route, path->text, query, known, nullptr, upgrade};
    if (!rewrite(admission, scratch)) return Refusal{RefusalCode::bad_request, "rewritten path"};
    return admission;
}

} // namespace gatehouse::gateway
