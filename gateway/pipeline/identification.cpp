#include "gateway/pipeline/identification.hpp"

#include "auth/revocation/feed_lease.hpp"
#include "auth/tokens/authenticator.hpp"
#include "auth/tokens/csrf_token.hpp"
#include "config/basics/enforced.hpp"
#include "gateway/headers/only_value.hpp"
#include "gateway/pipeline/credential.hpp"

namespace gatehouse::gateway {

using auth::Principal;
using auth::TokenError;

namespace {

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
    case TokenError::wrong_claims:
        break;
    case TokenError::no_keys:
        return RefusalCode::store_unavailable;
    }
    return RefusalCode::token_invalid;
}

config::BadTokenStatus bad_token_of(const DecisionRooms& rooms,
                                    const config::RouteSettings* route) noexcept
{
    const auto usual = rooms.auth.contract.bad_access_token;
    return route == nullptr ? usual : route->bad_access_token.value_or(usual);
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
    if (is_safe(asking)) return boost::system::in_place_value;
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
    const auto page = is_safe(asking) ? Page::own : page_behind(asking, rooms.auth);
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
    const auto cookie_name = access_cookie_for(rooms.auth, route);
    if (asking.websocket) return credential_of_handshake(asking.fields, cookie_name);
    return credential_of(asking.fields, cookie_name);
}

/// Whose tokens count here. Our cookies carry ours: no login with somebody else put one there, and
/// it has no session that a proof of the own page could rest on.
config::IssuerSet believed_by(const config::RouteSettings* route, const Credential& credential)
{
    const auto believed = route == nullptr ? config::own_issuer : route->believed;
    if (!enforced("foreign.no_cookie") || !credential.by_cookie) return believed;
    return believed & config::own_issuer;
}

} // namespace

bool may_believe(const DecisionRooms& rooms) noexcept
{
    return rooms.lease == nullptr || rooms.lease->holds() || !enforced("decision.feed_lease");
}

Refusal no_lease()
{
    return {RefusalCode::store_unavailable, "change feed is not heard"};
}

Refusal token_refusal(const DecisionRooms& rooms, const config::RouteSettings* route,
                      TokenError error)
{
    Refusal refusal{code_of(error), std::string{to_string(error)}};
    const bool forbidden = bad_token_of(rooms, route) == config::BadTokenStatus::forbidden;
    // That is no fault of the token.
    if (error == TokenError::no_keys) return refusal;
    if (error != TokenError::missing && forbidden) refusal.status = 403;
    return refusal;
}

Result<const Principal*, Refusal> identify(const DecisionRooms& rooms, const Asking& asking,
                                           const config::RouteSettings* route, auth::Seconds now,
                                           DecisionScratch& scratch)
{
    const auto credential = credential_for(rooms, asking, route);
    Result<const Principal*, TokenError> principal = TokenError::missing;
    if (credential) {
        using enum auth::Authenticator::Presenter;
        principal = rooms.authenticator.identify(credential->token, now,
                                                 rooms.renewed.empty() ? client : gateway,
                                                 believed_by(route, *credential));
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
    auto refusal = token_refusal(rooms, route, error);
    const auto judge = credential ? rooms.authenticator.judge() : std::string_view();
    if (!judge.empty()) refusal.reason.append(" (issuer ").append(judge).append(")");
    return refusal;
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

} // namespace gatehouse::gateway
