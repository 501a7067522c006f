#include "auth/accounts/unicode.hpp"
#include "auth/basics/id.hpp"
#include "auth/service/auth_service.hpp"
#include "auth/sessions/rotation.hpp"
#include "config/basics/enforced.hpp"

namespace gatehouse::auth {

using Kind = AuthError::Kind;
using namespace std::chrono_literals;

Result<RefreshClaims, AuthError> AuthService::check_refresh_token(std::string_view token) const
{
    const auto now = rooms_.clock.seconds();
    const auto claims = verifier_.refresh(*rooms_.keys.ring(), token, now);
    if (claims) return *claims;
    if (claims.error() == TokenError::expired) return AuthError::over(Kind::refresh_token_expired);
    return AuthError(Kind::refresh_token_invalid);
}

Result<RefreshClaims, AuthError> AuthService::check_logout_token(std::string_view token) const
{
    const auto now = rooms_.clock.seconds();
    const auto claims = verifier_.refresh_even_expired(*rooms_.keys.ring(), token, now);
    if (claims) return *claims;
    return AuthError(Kind::refresh_token_invalid);
}

Result<Grant, AuthError> AuthService::refresh(const RefreshClaims& token, const Caller& caller)
{
    // Whoever loses the race for the conditional write reads what the winner wrote and decides
    // again; then the generation is an old one, or the session has ended.
    for (int attempt = 0; attempt < 4; ++attempt) {
        auto refreshed = try_refresh(token, caller);
        if (!refreshed) return refreshed.error();
        if (auto& grant = *refreshed) return *std::move(grant);
    }
    return AuthError{Kind::store_unavailable, 1s};
}

Generation AuthService::newest_used_here(std::string_view session_id) const
{
    const auto session = Id128::parse(session_id);
    return rooms_.seen == nullptr || !session ? 0 : rooms_.seen->newest_of(*session);
}

/// Nothing: somebody else changed the session between reading and writing.
Result<std::optional<Grant>, AuthError> AuthService::try_refresh(const RefreshClaims& token,
                                                                 const Caller& caller)
{
    // Before the store is asked: a use that was noted here is still here, or already there.
    const auto used_here = newest_used_here(token.session_id);
    const auto found_session = rooms_.store.find_session(token.session_id);
    if (!found_session) return to_auth_error(found_session.error());
    const auto& stored = *found_session;
    // Long over and forgotten; a token that names another user was never made by us.
    if (!stored) return AuthError::over(Kind::refresh_token_revoked);
    const Session& session = *stored;
    if (enforced("refresh.same_user") && session.user_id != token.user_id) {
        return AuthError(Kind::refresh_token_invalid);
    }
    const auto found_user = rooms_.store.find_user(session.user_id);
    if (!found_user) return to_auth_error(found_user.error());
    const auto& user = *found_user;

    const auto now = rooms_.clock.now();
    const bool user_may_not = !user || user->blocked;
    const bool unused = session.unseen == session.generation && used_here < session.generation;
    const RefreshState state{session.generation,           terms().end_of(session),
                             session.ended_at.has_value(), user_may_not,
                             session.superseded,           unused};
    switch (decide_rotation(state, token.generation, now,
                            straggler_policy(settings_.refresh, session.delivery))) {
    case Rotation::rotate:
        if (!user) break;
        return rotate(*user, session, caller, now);
    case Rotation::repeat_current:
        if (!user) break;
        return std::optional(grant(*user, session, rooms_.clock.seconds()));
    case Rotation::refuse:
        note_refused(SecurityEventKind::refresh_reuse, "refused", session.user_id, session.id,
                     caller);
        return AuthError(Kind::refresh_token_reused);
    case Rotation::end_session:
        return end_stolen(session, caller);
    case Rotation::refuse_expired:
        return AuthError::over(Kind::refresh_token_expired);
    case Rotation::refuse_ended:
        break;
    }
    return AuthError::over(Kind::refresh_token_revoked);
}

Result<std::optional<Grant>, AuthError>
AuthService::rotate(const User& user, const Session& session, const Caller& caller, Millis now)
{
    const auto now_s = std::chrono::floor<std::chrono::seconds>(now);
    Session next = session;
    next.generation = session.generation + 1;
    next.issued_at = now_s;
    next.expires_at = terms().next_expiry(session.login_at, now_s);
    next.address = printable(caller.address, longest_address_bytes);
    next.user_agent = printable(caller.user_agent, longest_user_agent_bytes);
    RotationTerms terms{next.issued_at, next.expires_at, next.address, next.user_agent,
                        rooms_.seen != nullptr};
    terms.kept = settings_.refresh.kept_generations;
    const auto rotated = rooms_.store.rotate(session.id, session.generation, terms, now);
    if (!rotated) return to_auth_error(rotated.error());
    if (!*rotated) return std::optional<Grant>();
    return std::optional(grant(user, next, now_s));
}

AuthError AuthService::end_stolen(const Session& session, const Caller& caller)
{
    const bool all = settings_.refresh.on_reuse == config::OnReuse::end_all;
    const auto kind = SecurityEventKind::refresh_reuse;
    const auto ended = all ? end_all(session.user_id, session.id, Asking::ends, caller, kind)
                           : end_one(session.id, session.user_id, caller, kind);
    if (!ended) return ended.error();
    return AuthError::over(Kind::refresh_token_reused);
}

} // namespace gatehouse::auth
