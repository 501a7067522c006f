#include "gateway/headers/https_location.hpp"
#include "gateway/pipeline/serve_steps.hpp"

#include <string>
#include <utility>

namespace gatehouse::gateway {

// No coroutine itself: it names the one that answers.
Task<After> send_to_https(Exchange& exchange, Rooms& rooms)
{
    const auto& request = exchange.request;
    const auto& place = exchange.generation->runtime->https;
    auto location =
        https_location(request.host, request.origin_target, place, *exchange.client.to_https);
    if (!location) {
        const Refusal refusal(RefusalCode::bad_request, "no name of ours to be sent to");
        return refuse(exchange, rooms, refusal);
    }
    auto& fields = exchange.own_fields;
    fields.emplace_back("Location", *std::move(location));
    const auto ending = ending_of(exchange, rooms);
    const Framing nothing{BodyKind::length, 0};
    HeadWriter head(rooms.desk);
    write_local_head(head, 308, fields, delivery_to(exchange, rooms, nothing, ending.keep_alive));
    exchange.status = 308;
    exchange.upstream_name = "local";
    return send_answer(exchange, rooms, head.written(), {}, ending.after);
}

} // namespace gatehouse::gateway
