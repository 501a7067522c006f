#pragma once

#include "gateway/headers/upstream_head.hpp"
#include "gateway/observe/access_record.hpp"
#include "gateway/pipeline/serve_exchange.hpp"
#include "gateway/pipeline/serve_rooms.hpp"
#include "gateway/upstream/target.hpp"

#include <chrono>
#include <string_view>

namespace gatehouse::gateway {

// What is recorded of a request on its way. Where nothing is, each of these costs one look.

/// Its head has arrived.
void trace_head(Exchange& exchange, Rooms& rooms);

/// What its upstream is told.
[[nodiscard]] TraceTold told_of_trace(const Exchange& exchange) noexcept;

/// A decision about it: begun before it is made.
class DecisionTrace {
public:
    DecisionTrace(Exchange& exchange, Rooms& rooms) noexcept;

    void made(const Result<Admission, Refusal>& admission, bool cached, bool verified);

private:
    Exchange& exchange_;
    Rooms& rooms_;
    std::chrono::steady_clock::time_point began_{};
};

/// It goes to an upstream, ...
void trace_asking(Exchange& exchange, Rooms& rooms, const EndpointTarget& whom) noexcept;
/// ... on that connection, ...
void trace_connection(Exchange& exchange, const EndpointTarget& whom, bool is_reused) noexcept;
/// ... and again, because that came to an answer or to an error which was not passed on.
void trace_retry(Exchange& exchange, Rooms& rooms, unsigned status, std::string_view error);

/// It is over.
void trace_end(Exchange& exchange, Rooms& rooms, const AccessRecord& record);

} // namespace gatehouse::gateway
