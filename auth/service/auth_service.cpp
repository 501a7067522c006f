#include "auth/service/auth_service.hpp"

#include "auth/accounts/unicode.hpp"
#include "auth/basics/id.hpp"
#include "auth/service/drawn.hpp"
#include "auth/service/proof.hpp"
#include "auth/service/revocation_life.hpp"
#include "auth/tokens/csrf_token.hpp"
#include "auth/tokens/scopes.hpp"
#include "config/basics/enforced.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::auth {

using Kind = AuthError::Kind;

AuthService::AuthService(Rooms rooms, const config::Settings& settings)
    : rooms_(rooms),
      settings_(settings),
      issuer_(settings.tokens),
      verifier_(settings.tokens)
{
}

namespace {

SessionDelivery delivery_of(config::Delivery delivery) noexcept
{
    switch (delivery) {
    case config::Delivery::body:
        return SessionDelivery::body;
    case config::Delivery::cookie:
        return SessionDelivery::cookie;
    case config::Delivery::both:
        return SessionDelivery::both;
    }
    return SessionDelivery::body;
}

} // namespace

Session AuthService::new_session(const User& user, std::vector<std::string> amr,
                                 std::optional<SessionDelivery> delivery,
                                 const Caller& caller) const
{
    const auto now_s = rooms_.clock.seconds();
    Session session;
    session.id = Id128::random().to_string();
    session.user_id = user.id;
    session.issued_at = session.login_at = now_s;
    session.expires_at = terms().next_expiry(now_s, now_s);
    session.amr = std::move(amr);
    session.delivery = delivery.value_or(delivery_of(settings_.auth.delivery));
    session.address = printable(caller.address, longest_address_bytes);
    session.user_agent = printable(caller.user_agent, longest_user_agent_bytes);
    return session;
}

Result<Grant, AuthError> AuthService::start_session(const User& user, const Proof& proof,
                                                    std::optional<SessionDelivery> delivery,
                                                    const Caller& caller)
{
    const auto session = new_session(user, proof.amr, delivery, caller);
    const SessionStore::Room room{settings_.sessions.max_per_user,
                                  settings_.sessions.when_full == config::WhenFull::evict_oldest};
    const auto evicted = rooms_.store.create_session(
        session, room, deed(SecurityEventKind::login, user.id, session.id, caller, proof.detail));
    if (!evicted) return to_auth_error(evicted.error());
    refuse_from_now_on(*evicted);
    for (const auto& id : *evicted) {
        note_done(SecurityEventKind::session_evict, user.id, id, caller);
    }
    return grant(user, session, session.login_at);
}

std::string AuthService::more_claims(const Profile& user) const
{
    const auto& contract = settings_.auth.contract;
    if (contract.claims.members.empty()) return {};
    return draw(contract.claims, {&user, nullptr, contract.numeric_roles});
}

Grant AuthService::grant(const User& user, const Session& session, Seconds now) const
{
    const auto ring = rooms_.keys.ring();
    // No token outlives the session's absolute lifetime.
    const auto access_until = std::min(now + settings_.tokens.access_ttl,
                                       session.login_at + settings_.sessions.absolute_ttl);
    AccessClaims access;
    access.user_id = user.id;
    access.session_id = session.id;
    access.jti = Id128::random().to_string();
    access.roles = user.roles;
    access.issued_at = now;
    access.expires_at = access_until;
    access.auth_time = session.login_at;
    access.amr = session.amr;
    access.scopes = scopes_of(settings_.tokens.role_scopes, user.roles);
    if (rooms_.seen != nullptr) access.generation = session.generation;
    const RefreshClaims refresh{user.id, session.id, session.generation, session.issued_at,
                                session.expires_at};
    Grant grant;
    grant.refresh_token = Secret(issuer_.refresh(*ring, refresh));
    grant.access_life = access_until - now;
    grant.refresh_life = session.expires_at - now;
    grant.delivery = session.delivery;
    grant.session_id = session.id;
    grant.csrf_token = csrf_token_of(*ring, session.id);
    grant.user = profile_of(user);
    grant.access_token = Secret(issuer_.access(*ring, access, more_claims(grant.user)));
    return grant;
}

void AuthService::leave_device_cookie(Grant& grant) const
{
    const auto& throttle = settings_.throttle;
    if (!throttle.device_cookie) return;
    const auto now = rooms_.clock.seconds();
    const DeviceClaims claims{grant.user.id, Id128::random().to_string(), now,
                              now + throttle.device_ttl};
    grant.device_cookie = Secret(issuer_.device(*rooms_.keys.ring(), claims));
    grant.device_life = throttle.device_ttl;
}

Result<Profile, AuthError> AuthService::me(const Principal& principal)
{
    const auto user = own_user(principal);
    if (!user) return user.error();
    return profile_of(*user);
}

void AuthService::refuse_from_now_on(std::span<const std::string> session_ids)
{
    const auto until = refused_until(settings_.tokens, rooms_.clock.seconds());
    for (const auto& text : session_ids) {
        if (const auto id = Id128::parse(text)) rooms_.revocations.end_session(*id, until);
    }
}

Deed AuthService::deed(SecurityEventKind kind, std::string_view user_id,
                       std::string_view session_id, const Caller& caller,
                       std::string_view detail) const
{
    const auto now = rooms_.clock.now();
    if (!settings_.audit.store) return now;
    return Deed(record_of(
        {kind, "ok", user_id, session_id, caller.address, caller.request_id, now, detail}));
}

void AuthService::note_done(SecurityEventKind kind, std::string_view user_id,
                            std::string_view session_id, const Caller& caller,
                            std::string_view detail) const
{
    SecurityEvent event{
        kind,  "ok", user_id, session_id, caller.address, caller.request_id, rooms_.clock.now(),
        detail};
    event.is_in_store = true;
    rooms_.log.record(event);
}

void AuthService::note_refused(SecurityEventKind kind, std::string_view outcome,
                               std::string_view user_id, std::string_view session_id,
                               const Caller& caller, std::string_view detail) const
{
    rooms_.log.record({kind, outcome, user_id, session_id, caller.address, caller.request_id,
                       rooms_.clock.now(), detail});
}

} // namespace gatehouse::auth
