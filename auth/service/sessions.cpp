#include "auth/basics/id.hpp"
#include "auth/service/auth_service.hpp"
#include "config/basics/enforced.hpp"

#include <array>

namespace gatehouse::auth {

using Kind = AuthError::Kind;

Result<void, AuthError> AuthService::logout(const RefreshClaims& token, const Caller& caller)
{
    return end_one(token.session_id, token.user_id, caller, SecurityEventKind::logout);
}

Result<void, AuthError> AuthService::logout(const Principal& principal, const Caller& caller)
{
    return end_one(principal.session_id, principal.user_id, caller, SecurityEventKind::logout);
}

Result<void, AuthError> AuthService::logout_all(const Principal& principal, const Caller& caller)
{
    return end_all(principal.user_id, principal.session_id, Asking::ends, caller,
                   SecurityEventKind::logout_all);
}

Result<void, AuthError> AuthService::logout_others(const Principal& principal, const Caller& caller)
{
    return end_all(principal.user_id, principal.session_id, Asking::stays, caller,
                   SecurityEventKind::logout_others);
}

Result<std::vector<SessionSummary>, AuthError>
AuthService::list_sessions(const Principal& principal)
{
    const auto sessions = rooms_.store.list_sessions(principal.user_id, rooms_.clock.seconds());
    if (!sessions) return to_auth_error(sessions.error());
    std::vector<SessionSummary> summaries;
    for (const auto& session : *sessions) {
        if (terms().is_over(session, rooms_.clock.seconds())) continue;
        summaries.push_back({session.id, session.login_at, session.issued_at, session.address,
                             session.user_agent, session.id == principal.session_id});
    }
    return summaries;
}

Result<void, AuthError> AuthService::revoke_session(const Principal& principal,
                                                    std::string_view session_id,
                                                    const Caller& caller)
{
    if (!Id128::parse(session_id)) return AuthError(Kind::not_found);
    const auto found = rooms_.store.find_session(session_id);
    if (!found) return to_auth_error(found.error());
    const auto& session = *found;
    if (!session || session->ended_at) return AuthError(Kind::not_found);
    // Somebody else's session does not exist for this user.
    if (enforced("sessions.own") && session->user_id != principal.user_id) {
        return AuthError(Kind::not_found);
    }
    return end_one(session_id, principal.user_id, caller, SecurityEventKind::session_revoke);
}

/// The session is refused here also when the store says that it had ended before: another process
/// may have done that, and its word may still be on the way.
Result<void, AuthError> AuthService::end_one(std::string_view session_id, std::string_view user_id,
                                             const Caller& caller, SecurityEventKind kind)
{
    const auto ended =
        rooms_.store.end_session(session_id, deed(kind, user_id, session_id, caller));
    if (!ended) return to_auth_error(ended.error());
    const std::array<std::string, 1> ids{std::string(session_id)};
    refuse_from_now_on(ids);
    if (*ended) note_done(kind, user_id, session_id, caller);
    return {};
}

Result<void, AuthError> AuthService::end_all(std::string_view user_id, std::string_view asking,
                                             Asking fate, const Caller& caller,
                                             SecurityEventKind kind)
{
    const auto keep_session = fate == Asking::stays ? asking : std::string_view();
    auto ended =
        rooms_.store.end_sessions_of(user_id, keep_session, deed(kind, user_id, asking, caller));
    if (!ended) return to_auth_error(ended.error());
    if (!ended->empty()) note_done(kind, user_id, asking, caller);
    // As with one session: it may have ended before, at a process that has not been heard yet.
    if (fate == Asking::ends) ended->emplace_back(asking);
    refuse_from_now_on(*ended);
    return {};
}

} // namespace gatehouse::auth
