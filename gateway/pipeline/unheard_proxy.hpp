#pragma once

#include "gateway/pipeline/serve_exchange.hpp"
#include "gateway/pipeline/serve_rooms.hpp"

namespace gatehouse::gateway {

/// A peer that is not trusted has named a client. Counted, and told of once under each generation,
/// where the peer is somebody near: that looks like a proxy which `trusted_proxies` forgot.
void note_unheard(const Exchange& exchange, Rooms& rooms) noexcept;

} // namespace gatehouse::gateway
