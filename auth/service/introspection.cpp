// What services ask about tokens (RFC 7662).
#include "auth/service/auth_service.hpp"
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
    const bool is_live = !session->ended_at && !terms().is_over(*session, rooms_.clock.seconds());
    const bool is_newest = session->generation == token.generation;
    if (enforced("introspect.user") && !user_may) return false;
    if (enforced("introspect.session") && !is_live) return false;
    return is_newest || !enforced("introspect.generation");
}

} // namespace gatehouse::auth
