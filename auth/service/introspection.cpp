// What services ask about tokens, and how whoever has one gets rid of it (RFC 7009, RFC 7662).
#include "auth/service/auth_service.hpp"
#include "auth/service/revocation_life.hpp"
#include "config/basics/enforced.hpp"

namespace gatehouse::auth {

Result<AccessClaims, TokenError> AuthService::check_access_token(std::string_view token) const
{
    return verifier_.access(*rooms_.keys.ring(), token, rooms_.clock.seconds());
}

Result<bool, AuthError> AuthService::would_refresh(const RefreshClaims& token)
{
    const auto found_session = rooms_.store.find_session(token.session_id);
    if (!found_session) return to_auth_error(found_session.error());
    const auto& session = *found_session;
    if (!session || session->user_id != token.user_id) return false;
    const bool user_may = !rooms_.revocations.standing_of(token.user_id).blocked;
    const bool is_live = !session->ended_at && rooms_.clock.seconds() < session_end(*session);
    const bool is_newest = session->generation == token.generation;
    if (enforced("introspect.user") && !user_may) return false;
    if (enforced("introspect.session") && !is_live) return false;
    return is_newest || !enforced("introspect.generation");
}

Result<void, AuthError> AuthService::revoke_own_api_key(const Principal& principal,
                                                        const Caller& caller)
{
    const auto kind = SecurityEventKind::apikey_revoke;
    const auto now = rooms_.clock.now();
    SecurityEvent event{kind,
                        "ok",
                        principal.user_id,
                        "",
                        caller.address,
                        caller.request_id,
                        now,
                        principal.api_key};
    const auto deed = settings_.audit.store ? Deed(record_of(event)) : Deed(now);
    const auto revoked = rooms_.store.revoke_api_key(principal.api_key, deed);
    if (!revoked) return to_auth_error(revoked.error());
    // Also where it was revoked before: by another process, whose word may still be on the way.
    if (rooms_.api_keys != nullptr) {
        rooms_.api_keys->revoke(principal.api_key,
                                refused_until(settings_.tokens, rooms_.clock.seconds()));
    }
    event.is_in_store = true;
    if (*revoked) rooms_.log.record(event);
    return {};
}

} // namespace gatehouse::auth
