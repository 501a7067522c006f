#include "gateway/pipeline/decision.hpp"

#include "auth/revocation/feed_lease.hpp"
#include "auth/tokens/authenticator.hpp"
#include "auth/tokens/csrf_token.hpp"
#include "config/basics/enforced.hpp"
#include "gateway/headers/cors.hpp"
#include "gateway/headers/only_value.hpp"
#include "gateway/pipeline/credential.hpp"
#include "gateway/pipeline/permission.hpp"
#include "gateway/routing/auth_prefix.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

using auth::Principal;
using auth::TokenError;

/// What a client may know of why its token was refused.  R38
RefusalCode code_of(TokenError error) noexcept
{
    switch (error) {
    case TokenError::missing:
        return RefusalCode::token_missing;
    case TokenError::expired:
        return RefusalCode::token_expired;
    case TokenError::revoked:
        return RefusalCode::token_revoked;
    case TokenError::malformed:
    case TokenError::unsupported:
    case TokenError::unknown_key:
    case TokenError::bad_signature:
    case TokenError::not_yet_valid:
    case TokenError::wrong_issuer:
    case TokenError::wrong_audience:
    case TokenError::wrong_type:
    case TokenError::ambiguous:
        break;
    }
    return RefusalCode::token_invalid;
}

config::BadTokenStatus bad_token_of(const DecisionRooms& rooms,
                                    const config::RouteSettings* route) noexcept
{
    const auto usual = rooms.auth.contract.bad_access_token;
    return route == nullptr ? usual : route->bad_access_token.value_or(usual);
}

/// Whether this process may believe a token. To be asked before the token is looked at.
bool may_believe(const DecisionRooms& rooms) noexcept
{
    return rooms.lease == nullptr || rooms.lease->holds() || !enforced("decision.feed_lease");
}

Refusal no_lease()
{
    return {RefusalCode::store_unavailable, "change feed is not heard"};
}

/// The cookie that requests for this route may carry an access token in; empty: none. Null: the
/// auth API itself.
std::string_view access_cookie_for(const config::AuthApiSettings& auth,
                                   const config::RouteSettings* route) noexcept
{
    const bool taken = auth.contract.access_cookie ||
                       (route == nullptr ? auth.session_cookies : route->session_cookie);
    return taken ? std::string_view(auth.access_cookie_name) : std::string_view();
}

/// A browser adds a cookie by itself, so a page of another origin could change something with it.
Result<void, Refusal> check_page(const DecisionRooms& rooms, const Asking& asking,
                                 const Principal& principal, auth::Seconds now)
{
    if (is_safe_method(asking.method)) return boost::system::in_place_value;
    switch (page_behind(asking, rooms.auth)) {
    case Page::own:
        return boost::system::in_place_value;
    case Page::foreign:
        break;
    case Page::unknown:
        const auto token = only_value(asking.fields, "X-CSRF-Token");
        const auto& ring = rooms.authenticator.ring();
        if (auth::is_csrf_token_of(ring, principal.session_id, token, now)) {
            return boost::system::in_place_value;
        }
        return Refusal{RefusalCode::origin_forbidden, "no proof of an own page"};
    }
    return Refusal{RefusalCode::origin_forbidden, "foreign page"};
}

/// Notes what would renew the session of a request without a good access token.
/// Refuses: origin_forbidden.
Result<void, Refusal> look_for_renewal(const DecisionRooms& rooms, const Asking& asking,
                                       const config::RouteSettings& route, Renewal& renewal)
{
    const auto refresh_token = token_in_cookie(asking.fields, rooms.auth.cookie_name);
    if (!refresh_token) return boost::system::in_place_value;
    const auto page = is_safe_method(asking.method) ? Page::own : page_behind(asking, rooms.auth);
    if (enforced("decision.renewal_page") && page == Page::foreign) {
        return Refusal{RefusalCode::origin_forbidden, "foreign page"};
    }
    renewal.refresh_token = *refresh_token;
    renewal.needs_proof = page == Page::unknown;
    renewal.csrf_token = only_value(asking.fields, "X-CSRF-Token");
    renewal.bad_token = bad_token_of(rooms, &route);
    return boost::system::in_place_value;
}

Result<Credential, TokenError> credential_for(const DecisionRooms& rooms, const Asking& asking,
                                              const config::RouteSettings* route)
{
    if (!rooms.renewed.empty()) return Credential{rooms.renewed, true};
    return credential_of(asking.fields, access_cookie_for(rooms.auth, route));
}

/// Who asks for something on a route (null: nobody knows which), and by a page that may.
Result<const Principal*, Refusal> identify(const DecisionRooms& rooms, const Asking& asking,
                                           const config::RouteSettings* route, auth::Seconds now,
                                           DecisionScratch& scratch)
{
    const auto credential = credential_for(rooms, asking, route);
    Result<const Principal*, TokenError> principal = TokenError::missing;
    if (credential) {
        using enum auth::Authenticator::Presenter;
        principal = rooms.authenticator.identify(credential->token, now,
                                                 rooms.renewed.empty() ? client : gateway);
    } else {
        principal = credential.error();
    }
    const bool by_cookie = !credential || credential->by_cookie;
    if (principal) {
        if (!enforced("decision.cookie_page") || !by_cookie) return *principal;
        if (const auto page = check_page(rooms, asking, **principal, now); !page) {
            return page.error();
        }
        return *principal;
    }
    const auto error = principal.error();
    if (route != nullptr && route->session_cookie && by_cookie && rooms.renewed.empty()) {
        scratch.cookie_is_over = error == TokenError::revoked;
        if (error == TokenError::missing || error == TokenError::expired) {
            const auto looked = look_for_renewal(rooms, asking, *route, scratch.renewal);
            if (!looked) return looked.error();
        }
    }
    return token_refusal(rooms, route, error);
}

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
    const Asking asking{head.method, head.host, head.fields, rooms.secure};
    const auto principal = identify(rooms, asking, settings, now, scratch);
    if (!principal) {
        if (!believed && !scratch.renewal.refresh_token.empty()) {
            scratch.renewal = {}; // its token would not be believed either
            return no_lease();
        }
        const bool optional = mode == config::AuthMode::optional;
        if (optional && principal.error().code == RefusalCode::token_missing) return nullptr;
        if (enforced("decision.token_required")) return principal.error();
        return nullptr;
    }
    if (!believed) return no_lease();
    if (settings == nullptr) return *principal;
    if (enforced("decision.stale") && rooms.stale && settings->on_stale == config::OnStale::deny)
        return Refusal{RefusalCode::store_unavailable, "change feed is stale"};
    if (auto refusal = refusal_for(*settings, **principal, now)) return *std::move(refusal);
    prove_identity(rooms, settings, now);
    return *principal;
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

Refusal token_refusal(const DecisionRooms& rooms, const config::RouteSettings* route,
                      TokenError error)
{
    Refusal refusal{code_of(error), std::string{to_string(error)}};
    const bool forbidden = bad_token_of(rooms, route) == config::BadTokenStatus::forbidden;
    if (error != TokenError::missing && forbidden) refusal.status = 403;
    return refusal;
}

void prove_identity(const DecisionRooms& rooms, const config::RouteSettings* route,
                    auth::Seconds now)
{
    if (rooms.proof == nullptr) return;
    const auto& audience = rooms.proof->audience;
    if (!audience.empty() || route != nullptr) {
        rooms.authenticator.prove_to(audience.empty() ? route->to : audience, now);
    }
}

Ended ended_meanwhile(const DecisionRooms& rooms, const Admission& admission, auth::Seconds now)
{
    if (admission.principal == nullptr) return Ended::no;
    const auto& route = *admission.route->settings;
    const bool stale = rooms.stale && route.on_stale == config::OnStale::deny;
    const auto why = rooms.authenticator.ended_meanwhile(*admission.principal, now);
    if (why == TokenError::revoked) return Ended::with_its_session;
    if (why && route.on_expiry == config::OnExpiry::close) return Ended::with_its_token;
    if (enforced("lasting.heard") && (stale || !may_believe(rooms))) return Ended::unheard;
    return Ended::no;
}

std::string_view to_string(Ended ended) noexcept
{
    switch (ended) {
    case Ended::no:
        return "";
    case Ended::with_its_session:
        return "cut off: session ended";
    case Ended::with_its_token:
        return "cut off: token expired";
    case Ended::unheard:
        return "cut off: change feed is not heard";
    }
    return "";
}

Result<const Principal*, Refusal> identify_bearer(const DecisionRooms& rooms, const Asking& asking,
                                                  auth::Seconds now)
{
    const bool believed = may_believe(rooms);
    const auto credential = credential_of(asking.fields, access_cookie_for(rooms.auth, nullptr));
    if (!credential) return token_refusal(rooms, nullptr, credential.error());
    // Whatever the method: GET may be a logout here, or stand for a request of another method.
    if (enforced("decision.cookie_call") && credential->by_cookie &&
        !is_from_own_page(asking, rooms.auth)) {
        return Refusal{RefusalCode::origin_forbidden, "foreign page"};
    }
    const auto principal = rooms.authenticator.identify(credential->token, now);
    if (!principal) return token_refusal(rooms, nullptr, principal.error());
    if (!believed) return no_lease();
    return *principal;
}

Result<const Principal*, Refusal> identify_credential(const DecisionRooms& rooms,
                                                      std::string_view token, auth::Seconds now)
{
    const bool believed = may_believe(rooms);
    const auto principal = rooms.authenticator.identify(token, now);
    if (!principal) return token_refusal(rooms, nullptr, principal.error());
    if (!believed) return no_lease();
    return *principal;
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
    const auto& [path, query] = destination;
    if (!path) return Refusal{path.error(), "path"};
    scratch.judged_path = path->text;

    const auto [match, preflight] = choose(rooms, head, path->text);
    scratch.route = match.route;
    const bool takes_params = match.route != nullptr && match.route->settings->allow_path_params;
    if (enforced("decision.path_params") && path->has_params && !takes_params)
        return Refusal{RefusalCode::bad_request, "path parameters"};
    if (preflight != nullptr) return Admission{match.route, path->text, query, nullptr, preflight};

    const auto principal = admit(rooms, head, match, now, scratch);
    if (!principal) return principal.error();
    if (match.route == nullptr) return no_route(match);
    return Admission{match.route, path->text, query, *principal, nullptr};
}

} // namespace gatehouse::gateway
