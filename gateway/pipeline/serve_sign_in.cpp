#include "gateway/pipeline/login_redirect.hpp"
#include "gateway/pipeline/serve_steps.hpp"

#include <string>

namespace gatehouse::gateway {
namespace {

/// What it depends on whether somebody is sent on or refused.
constexpr std::string_view deciding_fields = "Accept, Authorization, Cookie, Sec-Fetch-Mode";

} // namespace

bool may_send_to_sign_in(const Exchange& exchange) noexcept
{
    const auto* route = exchange.scratch.route;
    return route != nullptr && route->settings->login == config::LoginAnswer::redirect;
}

Task<After> refuse_or_send_to_sign_in(Exchange& exchange, Rooms& rooms, const Refusal& refusal)
{
    auto& fields = exchange.own_fields;
    fields.emplace_back("Vary", deciding_fields);
    if (!asks_to_sign_in(refusal.code) || !wants_a_page(exchange.request)) {
        return refuse(exchange, rooms, refusal);
    }
    fields.emplace_back("Location", sign_in_location(exchange.settings(),
                                                     exchange.request.origin_target, refusal.code));
    fields.emplace_back("Cache-Control", "no-store");
    const auto ending = ending_of(exchange, rooms);
    const Framing nothing{BodyKind::length, 0};
    HeadWriter head(rooms.desk);
    write_local_head(head, 302, fields, delivery_to(exchange, rooms, nothing, ending.keep_alive));
    exchange.status = 302;
    exchange.refusal = to_string(refusal.code); // for the log: why this happened
    exchange.reason = refusal.reason;
    rooms.counters.refused(refusal.code);
    return send_answer(exchange, rooms, head.written(), {}, ending.after);
}

} // namespace gatehouse::gateway
