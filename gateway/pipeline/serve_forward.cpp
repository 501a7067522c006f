#include "config/basics/enforced.hpp"
#include "gateway/headers/downstream_head.hpp"
#include "gateway/http/websocket_handshake.hpp"
#include "gateway/net/tls/tls_session.hpp"
#include "gateway/pipeline/identification.hpp"
#include "gateway/pipeline/serve_cache.hpp"
#include "gateway/pipeline/serve_endpoint.hpp"
#include "gateway/pipeline/serve_retry.hpp"
#include "gateway/pipeline/serve_steps.hpp"
#include "gateway/pipeline/serve_trace.hpp"
#include "gateway/pipeline/serve_wanted.hpp"
#include "gateway/upstream/handshake.hpp"

#include <chrono>
#include <optional>
#include <utility>

namespace gatehouse::gateway {
namespace {

/// The client got a part of an interim answer, or a TLS record of it is under way: what follows
/// would be read as the rest of it.
[[nodiscard]] bool has_torn_interim(const Exchange& exchange) noexcept
{
    const auto& answer = exchange.answer;
    if (answer.state == BodyPump::State::done) return false;
    return answer.pump.bytes_sent() != 0 || exchange.client.socket->owed_bytes() != 0;
}

/// Unless an answer that is kept may stand in for the upstream's.
Task<After> refuse_or_stand_in(Exchange& exchange, Rooms& rooms, const Refusal& refusal)
{
    // Whether a session still lasts that is not heard of, nobody knows: then nothing is shown.
    const bool is_unheard = refusal.code == RefusalCode::store_unavailable;
    if (is_unheard && enforced("cache.unheard_stand_in")) return refuse(exchange, rooms, refusal);
    const bool is_ours = status_of(refusal) >= 500;
    if (is_ours && has_stand_in(exchange, rooms)) return send_stored(exchange, rooms);
    return refuse(exchange, rooms, refusal);
}

/// Its upstream could not be asked, or gave no answer: who is to blame?
Task<After> refuse_for_upstream(Exchange& exchange, Rooms& rooms, RefusalCode code)
{
    exchange.asked->failed(code);
    return refuse_or_stand_in(exchange, rooms, Refusal(code, exchange.reason));
}

/// The answer has begun and will never be whole: whoever asks why finds it in the log.
void note_cut(Exchange& exchange)
{
    const auto blame = [&](RefusalCode code, std::string_view reason) {
        exchange.asked->failed(code);
        exchange.reason = reason;
    };
    switch (exchange.answer.state) {
    case BodyPump::State::source_broken:
        return blame(RefusalCode::upstream_reset, "cut off: the upstream is gone");
    case BodyPump::State::malformed:
    case BodyPump::State::too_large:
        return blame(RefusalCode::upstream_protocol,
                     "cut off: the upstream sends what cannot be read");
    case BodyPump::State::source_waits:
        if (exchange.answer.limit.has_passed())
            blame(RefusalCode::upstream_timeout, "cut off: the upstream sends nothing");
        return;
    case BodyPump::State::sink_waits:
        if (exchange.answer.limit.has_passed())
            exchange.reason = "cut off: the client takes nothing";
        return;
    case BodyPump::State::sink_broken: // the client left
    case BodyPump::State::moving:
    case BodyPump::State::done:
        return;
    }
}

/// The answer is out, as far as it will ever be: what is left is the connection, and the client.
After conclude(Exchange& exchange, std::unique_ptr<UpstreamConnection>& connection,
               const Delivered& delivered)
{
    if (exchange.caching) [[unlikely]]
        end_recording(exchange);
    exchange.bytes_out += exchange.answer.pump.bytes_sent();
    if (exchange.answer.state != BodyPump::State::done) [[unlikely]]
        note_cut(exchange);
    if (delivered.upstream_is_free) {
        connection->had_no_body(exchange.response.framing.kind == BodyKind::none);
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
        connection->pool().failed(RefusalCode::upstream_protocol, exchange.at);
        connection.reset();
        abandon(exchange);
        co_return co_await refuse_for_upstream(exchange, rooms, RefusalCode::upstream_protocol);
    }
    co_return co_await serve_websocket(exchange, rooms, connection->socket, conversation);
}

/// What is kept is sent in place of what the upstream answered.
Task<After> send_stored_instead(Exchange& exchange, Rooms& rooms, Conversation& conversation,
                                std::unique_ptr<UpstreamConnection>& connection)
{
    // Only a 304 has surely no body that would have to be read.
    const bool is_whole = exchange.response.status == 304 && exchange.response.keep_alive &&
                          exchange.upload.state == BodyPump::State::done &&
                          conversation.take_behind_head().empty();
    if (is_whole) {
        connection->had_no_body(true);
        auto& pool = connection->pool();
        pool.give_back(std::move(connection), exchange.settings().limits.upstream_idle);
    } else {
        connection.reset();
    }
    abandon(exchange);
    return send_stored(exchange, rooms);
}

/// A connection that had served before, and did so no more.
[[nodiscard]] bool died_while_idle(Exchange& exchange, const Attempt& attempt) noexcept
{
    return attempt.asked == Asked::unanswered && (*attempt.connection)->is_reused() &&
           can_be_replayed(exchange);
}

/// Too much is under way for one more: whoever comes back in a second may find room.
Task<After> refuse_for_circuit(Exchange& exchange, Rooms& rooms)
{
    exchange.asked->circuit_refusals.add();
    Refusal refusal(RefusalCode::overloaded, "upstreams.<name>.circuit");
    refusal.retry_after = 1;
    return refuse_or_stand_in(exchange, rooms, refusal);
}

[[nodiscard]] bool has_circuit(const Exchange& exchange) noexcept
{
    const auto number = exchange.admission.route->upstream;
    return exchange.generation->runtime->upstreams[number].settings.circuit.is_on();
}

/// There is no endpoint to be asked.
Task<After> refuse_for_none(Exchange& exchange, Rooms& rooms)
{
    if (has_circuit(exchange)) return refuse_for_circuit(exchange, rooms);
    return refuse_for_upstream(exchange, rooms, RefusalCode::upstream_unreachable);
}

/// None could be reached, or none was to be any more. Never inlined: forward() is what every
/// request pays for.
[[gnu::noinline, gnu::cold]] Task<After> refuse_for_connection(Exchange& exchange, Rooms& rooms,
                                                               RefusalCode code)
{
    const bool is_full = code == RefusalCode::overloaded && has_circuit(exchange);
    if (code < RefusalCode::upstream_unreachable && code != RefusalCode::overloaded) {
        const auto unwanted = no_longer_wanted(exchange, rooms);
        return refuse_or_stand_in(exchange, rooms, unwanted.value_or(Refusal(code)));
    }
    return is_full ? refuse_for_circuit(exchange, rooms)
                   : refuse_for_upstream(exchange, rooms, code);
}

} // namespace

Task<After> forward(Exchange& exchange, Rooms& rooms)
{
    const auto number = exchange.admission.route->upstream;
    auto& group = exchange.generation->upstreams[number];
    exchange.asked = &exchange.generation->traffic.upstream(number);
    BudgetTurn turn(group.budget.get());
    if (turn.is_needed()) [[unlikely]] {
        const auto refusal = co_await wait_for_turn(exchange, rooms, turn);
        if (refusal) co_return co_await refuse_or_stand_in(exchange, rooms, *refusal);
    }
    EndpointWish wish;
    if (group.wants_key() || group.is_sticky()) tell_by_what(exchange, group, wish);
    auto* const endpoint = group.choose(wish);
    if (endpoint == nullptr) co_return co_await refuse_for_none(exchange, rooms);
    InFlight in_flight(*endpoint);
    trace_asking(exchange, rooms, endpoint->target());
    // Nearly always there is one, and what need not wait needs no coroutine.
    Connected connection = take_idle(exchange, *endpoint);
    if (!*connection || exchange.stopped) {
        connection = co_await reach(exchange, rooms, group, wish, in_flight, Connections::any);
    }
    const auto& retry = exchange.generation->runtime->upstreams[number].retry;
    std::optional<Conversation> conversation;
    Attempt attempt{group, wish, in_flight, connection, conversation, turn};
    if (connection) {
        begin_conversation(exchange, rooms, attempt);
        if (const auto each = retry.each()) conversation->answer_within(*each);
        // As ask() does; but all requests come by here, and need no coroutine more for it.
        auto asked = conversation->begin_asking((*connection)->pool().target().host);
        while (!asked) {
            co_await exchange.waiter.sleep();
            asked = conversation->go_on_asking();
        }
        attempt.asked = *asked;
        if (died_while_idle(exchange, attempt) && turn.again()) {
            co_await ask_on_fresh_connection(exchange, rooms, attempt);
        }
        if (attempt.asked == Asked::answered) turn.hear(exchange, rooms);
    }
    if (retry.is_on()) {
        group.retries.earn(retry.settings().budget);
        co_await try_again(exchange, rooms, attempt, retry);
    }
    if (!connection) {
        co_return co_await refuse_for_connection(exchange, rooms, connection.error());
    }
    auto& pool = (*connection)->pool();
    if (attempt.asked == Asked::answered) {
        pool.answered(exchange.response.status);
        if (group.is_sticky()) leave_sticky_cookie(exchange, group, wish, pool);
        exchange.asked->first_byte.add(
            auth::whole_micros(std::chrono::steady_clock::now() - exchange.admitted));
        if (exchange.response.status == switching_protocols) {
            co_return co_await switch_protocols(exchange, rooms, *connection, *conversation);
        }
        if (exchange.generation->runtime->keeps_answers) [[unlikely]] {
            if (answer_is_kept(exchange, rooms)) {
                co_return co_await send_stored_instead(exchange, rooms, *conversation, *connection);
            }
        }
        auto delivered = conversation->begin_delivery();
        if (exchange.answer.is_lined_up()) {
            co_await exchange.waiter.sleep(); // to the end of the turn
            delivered = conversation->delivered();
        }
        if (!delivered) delivered = co_await conversation->finish_delivery();
        if (!delivered->garbage) co_return conclude(exchange, *connection, *delivered);
        attempt.asked = Asked::garbage;
    }
    pool.failed(refusal_for(attempt.asked), exchange.at);
    if (const auto* const tls = (*connection)->socket.tls()) {
        auto reason = reason_of(*tls, pool.target().server_name);
        if (!reason.empty()) exchange.reason = std::move(reason);
    }
    connection->reset();
    co_return co_await answer_for_upstream(exchange, rooms, attempt.asked);
}

} // namespace gatehouse::gateway
