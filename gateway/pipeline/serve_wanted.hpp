#pragma once

#include "gateway/pipeline/refusal.hpp"
#include "gateway/pipeline/serve_exchange.hpp"
#include "gateway/pipeline/serve_rooms.hpp"

#include <optional>

namespace gatehouse::gateway {

/// For a request that has waited before anything was done for it: its client may have gone, or the
/// session have ended that let it in. Refuses: request_timeout, token_revoked, token_expired.
[[nodiscard]] std::optional<Refusal> no_longer_wanted(Exchange& exchange, const Rooms& rooms);

/// The same for one whose client may have closed its side early and wait for the answer.
[[nodiscard]] std::optional<Refusal> no_longer_allowed(Exchange& exchange, const Rooms& rooms);

} // namespace gatehouse::gateway
