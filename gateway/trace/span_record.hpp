#pragma once

#include "gateway/headers/trace.hpp"
#include "gateway/trace/short_text.hpp"

#include <cstdint>

namespace gatehouse::gateway {

/// What a span is about.
enum class SpanKind : std::uint8_t {
    request,  // of a client, until its answer
    auth,     // whether it may go on
    upstream, // one time it was sent to an upstream
    store     // one call to a store on the way
};

/// A span that is over: of fixed size, so that a worker hands it on without asking for memory.
/// Texts are as a log line may show them; an empty one is not told.
struct SpanRecord {
    TraceIds ids;             // of its trace, and its own
    std::uint64_t parent = 0; // 0: the trace begins with it
    std::uint64_t began = 0;  // nanoseconds since 1970
    std::uint64_t ended = 0;
    SpanKind kind{};
    bool failed = false;      // it is somebody's error, and not the client's
    bool tls = false;         // of the client's connection
    std::uint8_t resends = 0; // how often it had been sent before
    std::uint16_t status = 0; // of HTTP; 0: there was no answer
    std::uint16_t port = 0;   // beside `address`
    ShortText<16> method;
    ShortText<128> route; // pattern; of a call to a store: which system
    ShortText<256> path;
    ShortText<96> address; // the server that was asked
    ShortText<64> client;
    ShortText<160> user_agent;
    ShortText<64> user_id;
    ShortText<40> error;   // code
    ShortText<40> outcome; // of auth; of a call to a store: reading or writing
    ShortText<16> source;  // of auth: where from; of upstream: which connection
};

} // namespace gatehouse::gateway
