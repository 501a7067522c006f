#pragma once

#include "gateway/headers/downstream_head.hpp"
#include "gateway/pipeline/serve_exchange.hpp"
#include "gateway/pipeline/serve_rooms.hpp"

namespace gatehouse::gateway {

// What becomes of an upstream's answer, fresh or kept, on a route with `compression`. Refusals and
// answers of our own never come here.

/// Whether this answer may be compressed: one look, where it may not.
[[nodiscard]] inline bool may_be_compressed(const Exchange& exchange) noexcept
{
    return exchange.admission.route->settings->compression.has_value();
}

/// Before the head is written: decides, changes `answer`, and says in exchange.encoding what else
/// the head says. With an encoder there, the body is sent in chunks that it makes.
void begin_encoding(Exchange& exchange, Rooms& rooms, ResponseHead& answer);

/// Adds to the head what exchange.encoding says of it.
inline void tell_encoding(const Exchange& exchange, Delivery& delivery) noexcept
{
    if (exchange.encoding) delivery.coding = &exchange.encoding->fields;
}

/// Null: the body goes as it is.
[[nodiscard]] inline BodyEncoder* encoder_of(const Exchange& exchange) noexcept
{
    return exchange.encoding ? exchange.encoding->encoder.get() : nullptr;
}

/// The answer is out: counts what came of it.
void count_encoding(const Exchange& exchange, Rooms& rooms) noexcept;

} // namespace gatehouse::gateway
