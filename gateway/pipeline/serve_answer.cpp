#include "config/basics/enforced.hpp"
#include "gateway/headers/cors.hpp"
#include "gateway/net/timers.hpp"
#include "gateway/pipeline/refusal_answer.hpp"
#include "gateway/pipeline/serve_steps.hpp"

#include <algorithm>
#include <chrono>

namespace gatehouse::gateway {
namespace {

/// The CORS rules that answers to this request follow, or null.
const config::CorsSettings* cors_of(const Exchange& exchange) noexcept
{
    if (exchange.scratch.route == nullptr) {
        const auto& own = exchange.settings().auth.cors;
        return exchange.upstream_name == "local" && own ? &*own : nullptr;
    }
    const auto& cors = exchange.scratch.route->settings->cors;
    return cors ? &*cors : nullptr;
}

/// When an answer is made, to the second: what has passed since the request came is told by the
/// coarse clock, which costs a fifth of the fine one that was looked at then.
auth::Seconds second_of_answer(const Exchange& exchange) noexcept
{
    const auto began = std::chrono::floor<TimerWheel::Time>(exchange.began.time_since_epoch());
    const auto passed = std::max(Timers::now() - began, TimerWheel::Time{0});
    return std::chrono::floor<std::chrono::seconds>(exchange.at + passed);
}

/// gRPC finds its status in a 200, and to whoever asks /auth/verify a 200 means yes. So that is
/// kept for what would have gone on to an upstream: all else, and what was refused before its path
/// was judged, speaks by its own status.
std::string_view grpc_type(const Exchange& exchange)
{
    const bool goes_on = !exchange.scratch.judged_path.empty() && exchange.upstream_name != "local";
    if (enforced("refusal.grpc_of_upstreams") && !goes_on) return {};
    return only_value(exchange.request.fields, "Content-Type");
}

/// Drops a body that nobody wants, if all of it has arrived. False: some of it may still come.
bool drop_body(Exchange& exchange)
{
    if (exchange.upload_begun) return exchange.upload.pump.source_is_done();
    if (exchange.request.framing.kind == BodyKind::none) return true;
    BodyReader reader;
    reader.begin(exchange.request.framing);
    const auto dropped = reader.take(exchange.behind_head());
    if (!dropped) return false;
    if (enforced("serve.unread_body") && !reader.done()) return false;
    exchange.head_bytes += dropped->consumed;
    return true;
}

} // namespace

Delivery delivery_to(const Exchange& exchange, Rooms& rooms, Framing body, bool keep_alive)
{
    Delivery delivery;
    delivery.body = body;
    delivery.head_request = exchange.request.method == "HEAD";
    delivery.keep_alive = keep_alive;
    delivery.client = exchange.request.version;
    delivery.date = rooms.date.text(second_of_answer(exchange));
    delivery.cors = cors_of(exchange);
    delivery.added = exchange.own_fields;
    if (exchange.limits) delivery.rates = &exchange.limits->told;
    if (exchange.client.tls) [[unlikely]]
        delivery.hsts = exchange.generation->runtime->hsts;
    const auto& policy = exchange.generation->runtime->policy;
    if (policy.guarded_cookies != 0)
        delivery.guarded_cookies = std::span(policy.cookie_names).last(policy.guarded_cookies);
    if (delivery.cors != nullptr) {
        delivery.origin = only_value(exchange.request.fields, "Origin");
    }
    return delivery;
}

Task<After> send_answer(Exchange& exchange, Rooms& rooms, std::string_view head,
                        std::span<char> body, After after, BodyEncoder* encoder)
{
    auto& client = *exchange.client.socket;
    auto& answer = exchange.answer;
    BodyPump::Plan plan;
    plan.sink = &client;
    if (!body.empty()) plan.framing = {BodyKind::length, body.size()};
    plan.sent_as = encoder == nullptr ? plan.framing.kind : BodyKind::chunked;
    plan.encoder = encoder;
    plan.then_end = after != After::keep;
    answer.pump.begin(plan, head, body);
    exchange.answer_head_bytes = head.size();
    const bool crowded = rooms.turn.is_close_behind(exchange.began) || is_in_company(exchange);
    if (crowded && !exchange.stopped) {
        answer.line_up(rooms.turn, exchange.waiter, Direction::Wake::always);
    } else {
        answer.step();
    }
    while (!exchange.stopped && !answer.limit.has_passed() &&
           answer.state != BodyPump::State::done && answer.state != BodyPump::State::sink_broken) {
        const auto stall = exchange.settings().deadlines.write_stall;
        const Direction::Patience patience{stall, stall};
        answer.wait(client, client, patience, rooms.timers, exchange.waiter);
        const bool packs = encoder != nullptr && answer.state == BodyPump::State::moving;
        const bool is_lined_up = answer.is_lined_up();
        if (packs && !is_lined_up) rooms.turn.send_at_end(exchange.pause, exchange.waiter);
        const bool waits = answer.state == BodyPump::State::sink_waits || is_lined_up || packs;
        if (waits) co_await exchange.waiter.sleep();
        answer.step();
    }
    const bool sent = answer.state == BodyPump::State::done;
    exchange.bytes_out += answer.pump.bytes_sent();
    answer.end();
    co_return sent ? after : After::cut;
}

Ending ending_of(Exchange& exchange, const Rooms& rooms)
{
    // A body that may still come is never read as a request.  R11
    const bool body_is_over = drop_body(exchange);
    if (!body_is_over) return {false, After::linger};
    // Nor what came behind a WebSocket handshake before this answer.  R10
    if (enforced("serve.websocket_unanswered") && exchange.request.websocket &&
        !(exchange.behind_head().empty() && exchange.client.socket->is_quiet())) {
        return {false, After::linger};
    }
    if (exchange.request.keep_alive && !rooms.draining) return {true, After::keep};
    return {false, After::close};
}

Task<After> told_nobody()
{
    co_return After::close;
}

Task<After> refuse(Exchange& exchange, Rooms& rooms, const Refusal& refusal)
{
    return refuse_with(exchange, rooms, refusal, exchange.own_fields);
}

Task<After> refuse_with(Exchange& exchange, Rooms& rooms, const Refusal& refusal,
                        ExtraFields fields)
{
    if (exchange.client.nobody) {
        exchange.refusal = to_string(refusal.code);
        return told_nobody();
    }
    const auto ending = ending_of(exchange, rooms);
    RefusedRequest refused{.request_id = exchange.id.text(),
                           .content_type = grpc_type(exchange),
                           .delivery = delivery_to(exchange, rooms, {}, ending.keep_alive),
                           .fields = fields,
                           .shape = exchange.settings().auth.contract.errors};
    // Of the settings and not of the route, which a stranger must not recognise by it.  R25
    refused.delivery.security = exchange.settings().security_headers;
    HeadWriter head(rooms.desk);
    write_refusal(head, refusal, refused);

    exchange.status = status_of(refusal);
    exchange.refusal = to_string(refusal.code);
    exchange.reason = refusal.reason;
    rooms.counters.refused(refusal.code);
    return send_answer(exchange, rooms, head.written(), {}, ending.after);
}

Task<After> answer_preflight(Exchange& exchange, Rooms& rooms, const config::CorsSettings& cors,
                             std::span<const std::string> methods)
{
    const auto ending = ending_of(exchange, rooms);
    HeadWriter head(rooms.desk);
    write_preflight(head, cors, methods, exchange.request.fields,
                    rooms.date.text(rooms.shared.clock.seconds()), ending.keep_alive);
    exchange.status = 204;
    exchange.upstream_name = "local";
    return send_answer(exchange, rooms, head.written(), {}, ending.after);
}

} // namespace gatehouse::gateway
