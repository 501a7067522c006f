#pragma once

#include "auth/basics/clock.hpp"
#include "auth/sessions/session.hpp"
#include "config/settings/identity.hpp"

namespace gatehouse::auth {

/// The settings that end a session by themselves, and the earliest of them does: `refresh_ttl` and
/// `idle_ttl` after its last refresh, `absolute_ttl` after its login. Pure.
struct SessionTerms {
    std::chrono::seconds refresh_ttl{};
    std::chrono::seconds idle_ttl{}; // zero: none
    std::chrono::seconds absolute_ttl{};

    SessionTerms(const config::TokenSettings& tokens, const config::SessionSettings& sessions);

    /// `exp` of a refresh token that is made now.
    [[nodiscard]] Seconds next_expiry(Seconds login_at, Seconds now) const;
    /// When the session is over. Asked again on every use: the settings may have become stricter
    /// since the token was made.
    [[nodiscard]] Seconds end_of(const Session& session) const;

    [[nodiscard]] bool is_over(const Session& session, Seconds now) const
    {
        return now >= end_of(session);
    }

private:
    /// Whatever a refresh token says.
    [[nodiscard]] Seconds last_moment(Seconds login_at, Seconds refreshed_at) const;
};

} // namespace gatehouse::auth
