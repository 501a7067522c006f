#pragma once

#include "gateway/pipeline/serve_budget.hpp"
#include "gateway/pipeline/serve_reach.hpp"

#include <optional>

namespace gatehouse::gateway {

/// A request on its way to an answer, in the frame of forward().
struct Attempt {
    UpstreamGroup& group;
    EndpointWish& wish;
    InFlight& in_flight;
    Connected& connection;
    std::optional<Conversation>& conversation; // none where there is no connection
    BudgetTurn& turn;
    Asked asked = Asked::unanswered;
};

/// Begins to talk to the endpoint that `attempt.connection` leads to.
void begin_conversation(Exchange& exchange, Rooms& rooms, Attempt& attempt);

/// The connection died while it was idle, and we found out too late: once more, on a fresh one; to
/// another endpoint where that one has died too.
[[nodiscard]] Task<void> ask_on_fresh_connection(Exchange& exchange, Rooms& rooms,
                                                 Attempt& attempt);

/// Sends the request again, as `upstreams.<name>.retry` says, for as long as it fails in a way that
/// a retry may help: what it came to is in `attempt` then. Who is not to be answered any more has
/// no connection, but what no_longer_wanted() says.
[[nodiscard]] Task<void> try_again(Exchange& exchange, Rooms& rooms, Attempt& attempt,
                                   const RetryPolicy& policy);

} // namespace gatehouse::gateway
