#pragma once

#include "gateway/net/task.hpp"
#include "gateway/pipeline/refusal.hpp"
#include "gateway/pipeline/serve_exchange.hpp"
#include "gateway/pipeline/serve_rooms.hpp"

namespace gatehouse::gateway {

/// One request from its parsed head to the last byte of its answer: the table of contents of the
/// data path. Whose path is it, who asks, may they, how large is it, and then on to the upstream.
[[nodiscard]] Task<After> serve(Exchange& exchange, Rooms& rooms);

/// Answers by itself: one refusal, in the shape all of them have. Also for heads that could not be
/// read.
[[nodiscard]] Task<After> refuse(Exchange& exchange, Rooms& rooms, const Refusal& refusal);

/// Gives back what the request held, counts it, writes its record, and leaves in `exchange.in` what
/// has arrived of the next one.
void conclude(Exchange& exchange, Rooms& rooms);

} // namespace gatehouse::gateway
