#include "config/basics/enforced.hpp"
#include "gateway/headers/downstream_head.hpp"
#include "gateway/http/websocket_handshake.hpp"
#include "gateway/pipeline/identification.hpp"
#include "gateway/pipeline/serve_conversation.hpp"
#include "gateway/pipeline/serve_endpoint.hpp"
#include "gateway/pipeline/serve_steps.hpp"
#include "gateway/pipeline/serve_trace.hpp"
#include "gateway/upstream/connect.hpp"

#include <array>
#include <utility>

namespace gatehouse::gateway {
namespace {

/// Methods that may be sent twice without harm.  RFC 9110, 9.2.2
[[nodiscard]] bool is_idempotent(std::string_view method) noexcept
{
    constexpr std::array<std::string_view, 5> methods{"GET", "HEAD", "PUT", "DELETE", "OPTIONS"};
    for (const auto idempotent : methods) {
        if (method == idempotent) return true;
    }
    return false;
}

/// The request could be sent once more, byte for byte.  R14
[[nodiscard]] bool can_be_replayed(Exchange& exchange) noexcept
{
    if (enforced("serve.replay_idempotent_only") && !is_idempotent(exchange.request.method)) {
        return false;
    }
    const auto& framing = exchange.request.framing;
    if (framing.kind == BodyKind::none) return true;
    return framing.kind == BodyKind::length && framing.length <= exchange.behind_head().size();
}

std::unique_ptr<UpstreamConnection> take_idle(Exchange& exchange, EndpointPool& pool)
{
    for (;;) {
        auto connection = pool.take_idle();
        // A request that cannot be sent twice is not sent on a connection that has just died.
        if (!connection || can_be_replayed(exchange) || connection->socket.is_quiet()) {
            return connection;
        }
    }
}

Task<Connected> open_connection(Exchange& exchange, Rooms& rooms, EndpointPool& pool)
{
    const Connecting connecting{.io = rooms.io,
                                .timers = rooms.timers,
                                .resolver = rooms.resolver,
                                .waiter = exchange.waiter,
                                .limit = exchange.patience,
                                .patience = exchange.settings().deadlines.connect};
    auto connected = co_await connect(pool, connecting);
    if (connected) {
        exchange.asked->connections_opened.add();
    } else {
        pool.failed(connected.error(), rooms.shared.clock.now());
    }
    co_return connected;
}

/// A connection to the endpoint chosen, or to one of the others when that one cannot be reached:
/// nothing has been sent yet.
Task<Connected> reach(Exchange& exchange, Rooms& rooms, UpstreamGroup& group, EndpointWish& wish,
                      InFlight& in_flight)
{
    Connected connected = RefusalCode::upstream_unreachable;
    while (!exchange.stopped) {
        auto& pool = in_flight.pool();
        if (auto idle = take_idle(exchange, pool)) co_return idle;
        connected = co_await open_connection(exchange, rooms, pool);
        if (connected || connected.error() == RefusalCode::overloaded) break;
        wish.tried.add(pool);
        auto* other = group.choose(wish);
        if (other == nullptr) break;
        in_flight.move_to(*other);
    }
    co_return connected;
}

[[nodiscard]] RefusalCode refusal_for(Asked asked) noexcept
{
    switch (asked) {
    case Asked::garbage:
    case Asked::answered:
        return RefusalCode::upstream_protocol;
    case Asked::unanswered:
    case Asked::broke_off:
        return RefusalCode::upstream_reset;
    case Asked::too_late:
        return RefusalCode::upstream_timeout;
    case Asked::head_too_large:
        return RefusalCode::headers_too_large;
    case Asked::upload_silent:
    case Asked::client_left:
        return RefusalCode::request_timeout;
    case Asked::upload_malformed:
        return RefusalCode::bad_request;
    case Asked::upload_too_large:
        return RefusalCode::body_too_large;
    case Asked::session_ended:
        return RefusalCode::token_revoked;
    }
    return RefusalCode::upstream_protocol;
}

/// The client got a part of an interim answer: what follows would be read as the rest of it.
[[nodiscard]] bool has_torn_interim(const Exchange& exchange) noexcept
{
    const auto& answer = exchange.answer;
    return answer.state != BodyPump::State::done && answer.pump.bytes_sent() != 0;
}

/// What was begun and cannot be finished is forgotten, so that a refusal can be sent instead.
void abandon(Exchange& exchange) noexcept
{
    exchange.patience.clear();
    exchange.next_look.clear();
    exchange.upload.unlink(); // what it would be sent on is given up
    exchange.upload.limit.clear();
    exchange.upstream_in = Buffer();
    exchange.response_parser.reset();
}

/// Its upstream could not be asked, or gave no answer: who is to blame?
Task<After> refuse_for_upstream(Exchange& exchange, Rooms& rooms, RefusalCode code)
{
    exchange.asked->failed(code);
    return refuse(exchange, rooms, code);
}

/// The answer is out, as far as it will ever be: what is left is the connection, and the client.
After conclude(Exchange& exchange, std::unique_ptr<UpstreamConnection>& connection,
               const Delivered& delivered)
{
    exchange.bytes_out += exchange.answer.pump.bytes_sent();
    if (exchange.answer.state == BodyPump::State::source_broken) {
        exchange.asked->failed(RefusalCode::upstream_reset);
    }
    if (delivered.upstream_is_free) {
        auto& pool = connection->pool();
        pool.give_back(std::move(connection), exchange.settings().limits.upstream_idle);
    }
    return delivered.after;
}

/// No answer of the upstream reached the client.
Task<After> answer_for_upstream(Exchange& exchange, Rooms& rooms, Asked asked)
{
    const bool torn = has_torn_interim(exchange);
    abandon(exchange);
    if (asked == Asked::client_left || (enforced("serve.torn_interim") && torn)) {
        co_return After::cut;
    }
    if (asked == Asked::session_ended) {
        const auto deciding = deciding_rooms(exchange, rooms);
        const auto refusal =
            token_refusal(deciding, exchange.admission.route->settings, auth::TokenError::revoked);
        co_return co_await refuse(exchange, rooms, refusal);
    }
    co_return co_await refuse_for_upstream(exchange, rooms, refusal_for(asked));
}

/// The upstream says that this is a WebSocket from now on.
Task<After> switch_protocols(Exchange& exchange, Rooms& rooms,
                             std::unique_ptr<UpstreamConnection>& connection,
                             Conversation& conversation)
{
    exchange.patience.clear();
    exchange.next_look.clear();
    if (!answers_websocket_handshake(exchange.response, exchange.request)) {
        connection->pool().facts.failed(RefusalCode::upstream_protocol, exchange.at);
        connection.reset();
        abandon(exchange);
        co_return co_await refuse_for_upstream(exchange, rooms, RefusalCode::upstream_protocol);
    }
    co_return co_await serve_websocket(exchange, rooms, connection->socket, conversation);
}

} // namespace

Task<After> forward(Exchange& exchange, Rooms& rooms)
{
    auto& group = exchange.generation->upstreams[exchange.admission.route->upstream];
    exchange.asked = &exchange.generation->traffic.upstream(exchange.admission.route->upstream);
    EndpointWish wish;
    if (group.wants_key() || group.is_sticky()) tell_by_what(exchange, group, wish);
    auto* const endpoint = group.choose(wish);
    if (endpoint == nullptr) {
        co_return co_await refuse_for_upstream(exchange, rooms, RefusalCode::upstream_unreachable);
    }
    InFlight in_flight(*endpoint);
    trace_asking(exchange, rooms, endpoint->target().authority);
    // Nearly always there is one, and what need not wait needs no coroutine.
    Connected connection = take_idle(exchange, *endpoint);
    if (!*connection || exchange.stopped) {
        connection = co_await reach(exchange, rooms, group, wish, in_flight);
    }
    if (!connection) co_return co_await refuse_for_upstream(exchange, rooms, connection.error());
    auto& pool = (*connection)->pool();
    exchange.upstream_name = pool.target().authority;
    ++pool.facts.requests;
    trace_connection(exchange, exchange.upstream_name, (*connection)->is_reused());

    Conversation first(exchange, rooms, (*connection)->socket);
    auto asked = co_await first.ask(pool.target().host);
    std::optional<Conversation> second;
    if (asked == Asked::unanswered && (*connection)->is_reused() && can_be_replayed(exchange)) {
        // It died while it was idle, and we found out too late: once more, on a fresh one.
        exchange.asked->retries.add();
        trace_retry(exchange, rooms);
        abandon(exchange);
        connection = co_await open_connection(exchange, rooms, pool);
        if (!connection) {
            co_return co_await refuse_for_upstream(exchange, rooms, connection.error());
        }
        second.emplace(exchange, rooms, (*connection)->socket);
        asked = co_await second->ask(pool.target().host);
    }
    if (asked == Asked::answered) {
        pool.answered(exchange.response.status);
        if (group.is_sticky()) leave_sticky_cookie(exchange, group, wish, pool);
        exchange.asked->first_byte.add(
            auth::whole_micros(std::chrono::steady_clock::now() - exchange.admitted));
        auto& conversation = second ? *second : first;
        if (exchange.response.status == switching_protocols) {
            co_return co_await switch_protocols(exchange, rooms, *connection, conversation);
        }
        auto delivered = conversation.begin_delivery();
        if (!delivered) delivered = co_await conversation.finish_delivery();
        if (!delivered->garbage) co_return conclude(exchange, *connection, *delivered);
        asked = Asked::garbage;
    }
    pool.failed(refusal_for(asked), exchange.at);
    connection->reset();
    co_return co_await answer_for_upstream(exchange, rooms, asked);
}

} // namespace gatehouse::gateway
