#pragma once

#include "gateway/pipeline/serve_exchange.hpp"
#include "gateway/upstream/upstream_group.hpp"

namespace gatehouse::gateway {

/// Fills in by what of the request its upstream chooses an endpoint, as far as it asks for that.
void tell_by_what(const Exchange& exchange, const UpstreamGroup& group, EndpointWish& wish);

/// Has the answer leave the sticky cookie of the endpoint that gave it, unless the client came
/// with it. Where there is a sticky cookie: is_sticky().
void leave_sticky_cookie(Exchange& exchange, const UpstreamGroup& group, const EndpointWish& wish,
                         const EndpointPool& pool);

} // namespace gatehouse::gateway
