#include "gateway/pipeline/serve_retry.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/pipeline/serve_trace.hpp"
#include "gateway/pipeline/serve_wanted.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace gatehouse::gateway {
namespace {

using config::RetryCause;

/// Whoever waits looks so often whether its client and its session are still there.
constexpr Monotonic look_every{500};

/// Why the request would be sent again; nothing: there is an answer to pass on, or nobody to blame
/// but the client.
std::optional<RetryCause> cause_for(const Exchange& exchange, const Attempt& attempt)
{
    if (!attempt.connection) {
        const auto code = attempt.connection.error();
        if (code == RefusalCode::upstream_unreachable) return RetryCause::connect;
        if (code == RefusalCode::upstream_timeout) return RetryCause::connect;
        return std::nullopt;
    }
    // What the client has been told of one try, another one cannot take back.
    if (enforced("serve.retry_after_interim") && attempt.conversation->has_interim()) {
        return std::nullopt;
    }
    if (attempt.asked == Asked::unanswered) return RetryCause::reset;
    if (attempt.asked == Asked::too_late) return RetryCause::timeout;
    if (attempt.asked == Asked::answered) return cause_of(exchange.response.status);
    return std::nullopt;
}

/// R14
bool may_be_sent_again(Exchange& exchange, const RetryPolicy& policy)
{
    if (enforced("serve.retry_methods") && !policy.may_repeat(exchange.request.method)) {
        return false;
    }
    return !enforced("serve.retry_whole_body") || has_whole_body(exchange);
}

std::string_view word_for(RetryCause cause) noexcept
{
    return config::retry_causes[static_cast<std::size_t>(cause)];
}

double chance_of(std::uint64_t random) noexcept
{
    constexpr double steps = 9007199254740992.0; // 2^53: what a double tells apart
    return static_cast<double>(random >> 11) / steps;
}

/// How much of its time the request has left until an answer has to begin.
Monotonic time_left(const Exchange& exchange)
{
    const auto& deadlines = exchange.settings().deadlines;
    const auto all = exchange.admission.route->settings->timeout.value_or(deadlines.response_head);
    const auto spent = std::chrono::steady_clock::now() - exchange.admitted;
    return std::max(all - std::chrono::floor<Monotonic>(spent), Monotonic{0});
}

/// The last try is written down where it failed, and what there is of an answer is given up: its
/// connection is closed, so that nobody has to wait for a body of any length.
void end_try(Exchange& exchange, Rooms& rooms, Attempt& attempt, RetryCause cause)
{
    if (!attempt.connection) {
        exchange.reason = "sent again after connect";
        trace_retry(exchange, rooms, 0, to_string(attempt.connection.error()));
        return;
    }
    auto& pool = (*attempt.connection)->pool();
    const bool answered = attempt.asked == Asked::answered;
    exchange.reason =
        fmt::format("sent again after {} at {}", word_for(cause), pool.target().authority);
    if (answered) {
        pool.answered(exchange.response.status);
        trace_retry(exchange, rooms, exchange.response.status, {});
    } else {
        const auto code = refusal_for(attempt.asked);
        pool.failed(code, rooms.shared.clock.now());
        trace_retry(exchange, rooms, 0, to_string(code));
    }
    attempt.wish.tried.add(pool);
    attempt.conversation.reset();
    abandon(exchange);
    (*attempt.connection).reset();
}

/// Refuses whoever is not to be answered any more: nothing is sent again for one who left, or
/// whose session ended meanwhile.
Task<std::optional<Refusal>> wait_for(Exchange& exchange, Rooms& rooms, Monotonic time)
{
    while (time > Monotonic{0}) {
        const auto pause = std::min(time, look_every);
        time -= pause;
        exchange.patience.arm(rooms.timers, pause, exchange.waiter);
        while (!exchange.patience.has_passed()) co_await exchange.waiter.sleep();
        exchange.patience.clear();
        auto unwanted = no_longer_wanted(exchange, rooms);
        if (unwanted) co_return unwanted;
    }
    co_return std::nullopt;
}

/// Another endpoint than those that were tried; when all were, any of them. The place that the last
/// try had at its own is free for this one.
EndpointPool* choose_again(Attempt& attempt)
{
    attempt.in_flight.leave();
    if (auto* const other = attempt.group.choose(attempt.wish)) return other;
    attempt.wish.tried = {};
    return attempt.group.choose(attempt.wish);
}

} // namespace

void begin_conversation(Exchange& exchange, Rooms& rooms, Attempt& attempt)
{
    auto& connection = **attempt.connection;
    auto& pool = connection.pool();
    exchange.upstream_name = pool.target().authority;
    ++pool.facts.requests;
    trace_connection(exchange, pool.target(), connection.is_reused());
    attempt.turn.sent();
    attempt.conversation.emplace(exchange, rooms, connection.socket);
}

Task<void> ask_on_fresh_connection(Exchange& exchange, Rooms& rooms, Attempt& attempt)
{
    exchange.asked->retries.add();
    trace_retry(exchange, rooms, 0, "upstream_reset");
    attempt.conversation.reset();
    abandon(exchange);
    (*attempt.connection).reset(); // the dead one counts no more
    attempt.connection = co_await reach(exchange, rooms, attempt.group, attempt.wish,
                                        attempt.in_flight, Connections::fresh);
    if (!attempt.connection) co_return;
    begin_conversation(exchange, rooms, attempt);
    const auto number = exchange.admission.route->upstream;
    const auto& retry = exchange.generation->runtime->upstreams[number].retry;
    if (const auto each = retry.each()) attempt.conversation->answer_within(*each);
    attempt.asked = co_await attempt.conversation->ask((*attempt.connection)->pool().target().host);
}

Task<void> try_again(Exchange& exchange, Rooms& rooms, Attempt& attempt, const RetryPolicy& policy)
{
    const auto& settings = policy.settings();
    for (std::uint32_t tries = 0; tries < policy.attempts() && !exchange.stopped; ++tries) {
        const auto cause = cause_for(exchange, attempt);
        if (!cause || !policy.has(*cause) || !may_be_sent_again(exchange, policy)) break;
        std::optional<std::chrono::seconds> asked_to_wait;
        if (*cause == RetryCause::answer_503) asked_to_wait = retry_after(exchange.response.fields);
        const auto wait = backoff(settings, tries, chance_of(rooms.ids.next()));
        const auto next = next_try(settings, wait, time_left(exchange), asked_to_wait);
        if (!next) break;
        if (!attempt.group.retries.take(Timers::now(), settings.least)) {
            exchange.asked->retries_held_back.add();
            break;
        }
        if (!attempt.turn.again()) break;
        end_try(exchange, rooms, attempt, *cause);
        exchange.asked->retries.add();
        if (const auto unwanted = co_await wait_for(exchange, rooms, next->wait)) {
            attempt.connection = unwanted->code;
            break;
        }
        auto* const endpoint = choose_again(attempt);
        if (endpoint == nullptr || exchange.stopped) {
            attempt.connection = exchange.stopped ? RefusalCode::draining : RefusalCode::overloaded;
            break;
        }
        attempt.in_flight.move_to(*endpoint);
        attempt.connection = co_await reach(exchange, rooms, attempt.group, attempt.wish,
                                            attempt.in_flight, Connections::any);
        if (!attempt.connection) continue;
        attempt.in_flight.pool().counted().retries.add();
        begin_conversation(exchange, rooms, attempt);
        attempt.conversation->answer_within(
            std::min(settings.each.value_or(next->left), next->left));
        attempt.asked =
            co_await attempt.conversation->ask((*attempt.connection)->pool().target().host);
        if (attempt.asked == Asked::answered) attempt.turn.hear(exchange, rooms);
    }
}

} // namespace gatehouse::gateway
