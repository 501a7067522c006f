#pragma once

#include "gateway/pipeline/serve_exchange.hpp"
#include "gateway/pipeline/serve_rooms.hpp"

#include <memory>
#include <optional>

namespace gatehouse::gateway {

class Conversation;
class UpstreamConnection;

// What a request does with answers that are kept, where its route has `cache`. All of it comes
// behind the decision: who may have an answer is asked each time.

/// Whether this request may be answered by what is kept: one look, where it may not.
[[nodiscard]] inline bool may_be_kept(const Exchange& exchange) noexcept
{
    return exchange.admission.route->settings->cache.has_value();
}

/// Answers with what is kept, waits for somebody who fetches it, or forwards the request.
[[nodiscard]] Task<After> serve_from_cache(Exchange& exchange, Rooms& rooms);

/// The upstream has answered: forgets what that may have changed. true: what is kept is the answer,
/// by send_stored().
[[nodiscard]] bool answer_is_kept(Exchange& exchange, Rooms& rooms);

/// The upstream has no answer. true: what is kept stands in for it, by send_stored().
[[nodiscard]] bool has_stand_in(Exchange& exchange, Rooms& rooms);

/// Sends exchange.caching->stored, as far as the client has not got it already.
[[nodiscard]] Task<After> send_stored(Exchange& exchange, Rooms& rooms);

/// Before the answer's head is written: says what the cache has to do with it. Not null: who takes
/// its body down.
[[nodiscard]] AnswerRecorder* begin_recording(Exchange& exchange, Rooms& rooms);

/// The answer is out, or as far as it will ever be.
void end_recording(Exchange& exchange) noexcept;

} // namespace gatehouse::gateway
