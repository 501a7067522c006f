#include "gateway/pipeline/lasting.hpp"

#include "auth/tokens/authenticator.hpp"
#include "config/basics/enforced.hpp"
#include "gateway/pipeline/identification.hpp"

namespace gatehouse::gateway {

using auth::TokenError;

Ended ended_meanwhile(const DecisionRooms& rooms, const Admission& admission, auth::Seconds now)
{
    if (admission.principal == nullptr) return Ended::no;
    const auto& route = *admission.route->settings;
    if (route.report_only) return Ended::no; // whoever has no right any more may stay, too
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

} // namespace gatehouse::gateway
