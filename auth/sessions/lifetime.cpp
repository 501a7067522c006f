#include "auth/sessions/lifetime.hpp"

#include "config/basics/enforced.hpp"

#include <algorithm>

namespace gatehouse::auth {

SessionTerms::SessionTerms(const config::TokenSettings& tokens,
                           const config::SessionSettings& sessions)
    : refresh_ttl(tokens.refresh_ttl),
      idle_ttl(sessions.idle_ttl),
      absolute_ttl(sessions.absolute_ttl)
{
}

Seconds SessionTerms::next_expiry(Seconds login_at, Seconds now) const
{
    return std::min(now + refresh_ttl, last_moment(login_at, now));
}

Seconds SessionTerms::end_of(const Session& session) const
{
    return std::min(session.expires_at, last_moment(session.login_at, session.issued_at));
}

Seconds SessionTerms::last_moment(Seconds login_at, Seconds refreshed_at) const
{
    auto last = Seconds::max();
    if (enforced("sessions.absolute_ttl")) last = std::min(last, login_at + absolute_ttl);
    if (enforced("sessions.idle_ttl") && idle_ttl > std::chrono::seconds(0)) {
        last = std::min(last, refreshed_at + idle_ttl);
    }
    return last;
}

} // namespace gatehouse::auth
