#include "gateway/pipeline/serve_wanted.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/pipeline/identification.hpp"
#include "gateway/pipeline/lasting.hpp"
#include "gateway/pipeline/serve_steps.hpp"

namespace gatehouse::gateway {

std::optional<Refusal> no_longer_wanted(Exchange& exchange, const Rooms& rooms)
{
    if (exchange.stopped) return Refusal(RefusalCode::draining);
    if (exchange.client.socket->peer_has_left()) return Refusal(RefusalCode::request_timeout);
    return no_longer_allowed(exchange, rooms);
}

std::optional<Refusal> no_longer_allowed(Exchange& exchange, const Rooms& rooms)
{
    const auto deciding = deciding_rooms(exchange, rooms);
    const auto ended = ended_meanwhile(deciding, exchange.admission, rooms.shared.clock.seconds());
    if (ended == Ended::no || !enforced("serve.waited_session")) return std::nullopt;
    if (ended == Ended::unheard) return Refusal(RefusalCode::store_unavailable);
    const auto why =
        ended == Ended::with_its_token ? auth::TokenError::expired : auth::TokenError::revoked;
    return token_refusal(deciding, exchange.admission.route->settings, why);
}

} // namespace gatehouse::gateway
