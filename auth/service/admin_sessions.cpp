// What an operator does with sessions, and how the process that serves here hears of it at once.
#include "auth/service/admin_service.hpp"
#include "auth/service/revocation_life.hpp"
#include "auth/sessions/lifetime.hpp"

#include <array>

namespace gatehouse::auth {

using Kind = AuthError::Kind;

Result<std::vector<Session>, AuthError> AdminService::list_sessions(std::string_view who)
{
    const auto user = find_user(who);
    if (!user) return user.error();
    const auto now = rooms_.clock.seconds();
    auto sessions = rooms_.store.list_sessions(user->id, now);
    if (!sessions) return to_auth_error(sessions.error());
    const SessionTerms terms(settings_.tokens, settings_.sessions);
    std::erase_if(*sessions, [&](const auto& session) { return terms.is_over(session, now); });
    return *std::move(sessions);
}

Result<void, AuthError> AdminService::revoke_session(std::string_view session_id)
{
    const auto found = rooms_.store.find_session(session_id);
    if (!found) return to_auth_error(found.error());
    const auto& session = *found;
    if (!session) return AuthError(Kind::not_found);
    const auto ended = rooms_.store.end_session(
        session_id, deed(SecurityEventKind::session_revoke, session->user_id, session_id));
    if (!ended) return to_auth_error(ended.error());
    // Also where it had ended: by another process, whose word may still be on the way.
    const std::array<std::string, 1> ids{std::string(session_id)};
    refuse_from_now_on(ids);
    if (!*ended) return AuthError(Kind::not_found);
    note(SecurityEventKind::session_revoke, session->user_id, session_id);
    return {};
}

Result<std::size_t, AuthError> AdminService::revoke_sessions_of(std::string_view who)
{
    const auto user = find_user(who);
    if (!user) return user.error();
    const auto ended = rooms_.store.end_sessions_of(
        user->id, "", deed(SecurityEventKind::session_revoke, user->id));
    if (!ended) return to_auth_error(ended.error());
    refuse_from_now_on(*ended);
    if (!ended->empty()) note(SecurityEventKind::session_revoke, user->id);
    return ended->size();
}

void AdminService::refuse_from_now_on(std::span<const std::string> session_ids)
{
    for (const auto& id : session_ids) apply_here(ChangeKind::session_ended, id);
}

void AdminService::apply_here(ChangeKind kind, std::string_view subject,
                              std::vector<std::string> roles)
{
    if (rooms_.revocations == nullptr) return;
    Change change;
    change.kind = kind;
    change.subject = subject;
    change.roles = std::move(roles);
    const auto until = refused_until(settings_.tokens, rooms_.clock.seconds());
    rooms_.revocations->apply(change, until);
    rooms_.api_keys->apply(change, until);
}

} // namespace gatehouse::auth
