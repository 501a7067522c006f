#pragma once

#include "gateway/pipeline/serve_conversation.hpp"
#include "gateway/upstream/connect.hpp"
#include "gateway/upstream/upstream_table.hpp"

#include <cstdint>
#include <memory>

namespace gatehouse::gateway {

// The way to an endpoint, for forward() and for those who go it again.

/// All of the request's body is here, or it has none: it could be sent once more, byte for byte.
[[nodiscard]] bool has_whole_body(Exchange& exchange) noexcept;

/// And its method allows that.  R14
[[nodiscard]] bool can_be_replayed(Exchange& exchange) noexcept;

/// An idle connection that this request may be sent on, or null.
[[nodiscard]] std::unique_ptr<UpstreamConnection> take_idle(Exchange& exchange, EndpointPool& pool);

[[nodiscard]] Task<Connected> open_connection(Exchange& exchange, Rooms& rooms, EndpointPool& pool);

/// Which connections will do.
enum class Connections : std::uint8_t { any, fresh };

/// A connection to the endpoint chosen, or to one of the others when that one cannot be reached or
/// has as many as it may have: nothing has been sent yet.
[[nodiscard]] Task<Connected> reach(Exchange& exchange, Rooms& rooms, UpstreamGroup& group,
                                    EndpointWish& wish, InFlight& in_flight, Connections which);

/// What is said of an outcome that is no answer.
[[nodiscard]] RefusalCode refusal_for(Asked asked) noexcept;

/// What was begun and cannot be finished is forgotten, so that something else can be sent instead.
void abandon(Exchange& exchange) noexcept;

} // namespace gatehouse::gateway
