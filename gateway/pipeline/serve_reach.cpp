#include "gateway/pipeline/serve_reach.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/observe/event_log.hpp"
#include "gateway/pipeline/serve_wanted.hpp"

#include <atomic>
#include <utility>

namespace gatehouse::gateway {

bool has_whole_body(Exchange& exchange) noexcept
{
    const auto& framing = exchange.request.framing;
    if (framing.kind == BodyKind::none) return true;
    return framing.kind == BodyKind::length && framing.length <= exchange.behind_head().size();
}

bool can_be_replayed(Exchange& exchange) noexcept
{
    if (enforced("serve.replay_idempotent_only") && !is_idempotent(exchange.request.method)) {
        return false;
    }
    return has_whole_body(exchange);
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

namespace {

/// A connection that is being made: counted at its endpoint.
class BeingMade {
public:
    explicit BeingMade(EndpointPool& pool) noexcept : count_(pool.state().load.connecting)
    {
        count_.fetch_add(1, std::memory_order_relaxed);
    }

    BeingMade(const BeingMade&) = delete;
    BeingMade& operator=(const BeingMade&) = delete;

    ~BeingMade() { count_.fetch_sub(1, std::memory_order_relaxed); }

private:
    std::atomic<std::uint32_t>& count_;
};

/// One line when the trouble begins, and one when it is another: requests have theirs besides.
void say_of_tls(EndpointPool& pool, const std::string& reason, EventLog* events)
{
    if (reason.empty() || reason == pool.said_of_tls) return;
    pool.said_of_tls = reason;
    if (events == nullptr) return;
    events->say(config::LogLevel::warn, "upstream_untrusted",
                "an upstream cannot be spoken to over TLS",
                {
                    {"endpoint", pool.target().authority},
                    {"reason",   reason                 }
    });
}

/// For the place of a connection that another worker keeps idle, as long as somebody waits.
class PlaceWish {
public:
    PlaceWish(EndpointPool& pool, Wakeable& whom) : asked_(pool.state().places->ask(pool, whom)) {}

    PlaceWish(const PlaceWish&) = delete;
    PlaceWish& operator=(const PlaceWish&) = delete;

    ~PlaceWish()
    {
        if (asked_) asked_->forget();
    }

    /// Somebody keeps one.
    [[nodiscard]] bool is_heard() const noexcept { return asked_ != nullptr; }

    [[nodiscard]] bool is_answered() const noexcept { return asked_->is_answered(); }

private:
    const std::shared_ptr<SparePlaces::Wish> asked_;
};

/// Not longer than a worker is busy with other things.
constexpr auto longest_wish = std::chrono::milliseconds(250);

/// Has one connection less where there are as many as there may be, and some worker keeps one that
/// is idle. Where all are in use nobody waits.
Task<void> make_room(Exchange& exchange, Rooms& rooms, EndpointPool& pool)
{
    exchange.patience.arm(rooms.timers, longest_wish, exchange.waiter);
    while (pool.is_full() && !exchange.patience.has_passed() && !exchange.stopped) {
        if (pool.close_oldest()) continue;
        const PlaceWish wish(pool, exchange.waiter);
        if (!wish.is_heard()) break;
        while (!wish.is_answered() && !exchange.patience.has_passed() && !exchange.stopped) {
            co_await exchange.waiter.sleep();
        }
    }
    if (!exchange.stopped) exchange.patience.clear();
}

} // namespace

Task<Connected> open_connection(Exchange& exchange, Rooms& rooms, EndpointPool& pool)
{
    std::string why;
    const Connecting connecting{.io = rooms.io,
                                .timers = rooms.timers,
                                .resolver = rooms.resolver,
                                .waiter = exchange.waiter,
                                .limit = exchange.patience,
                                .patience = exchange.settings().deadlines.connect,
                                .reason = &why,
                                .sessions = &pool.sessions};
    const BeingMade being_made(pool);
    auto connected = co_await connect(pool, connecting);
    if (connected) {
        exchange.asked->connections_opened.add();
        pool.said_of_tls.clear();
    } else {
        say_of_tls(pool, why, rooms.shared.events);
        if (!why.empty()) exchange.reason = std::move(why);
        pool.failed(connected.error(), rooms.shared.clock.now());
    }
    co_return connected;
}

Task<Connected> reach(Exchange& exchange, Rooms& rooms, UpstreamGroup& group, EndpointWish& wish,
                      InFlight& in_flight, Connections which)
{
    Connected connected = RefusalCode::upstream_unreachable;
    while (!exchange.stopped) {
        auto& pool = in_flight.pool();
        if (which == Connections::any) {
            if (auto idle = take_idle(exchange, pool)) co_return idle;
        }
        if (pool.is_full()) {
            co_await make_room(exchange, rooms, pool);
            if (exchange.stopped) break;
        }
        if (enforced("upstream.circuit_connections") && !pool.may_connect()) {
            connected = RefusalCode::overloaded;
        } else {
            connected = co_await open_connection(exchange, rooms, pool);
            if (connected || connected.error() == RefusalCode::overloaded) break;
        }
        wish.tried.add(pool);
        auto* other = group.choose(wish);
        if (other == nullptr) break;
        in_flight.move_to(*other);
    }
    if (exchange.stopped && !connected) connected = RefusalCode::draining;
    // It may have taken long. The next request may have what was opened for this one.
    if (connected && no_longer_allowed(exchange, rooms)) {
        in_flight.pool().give_back(*std::move(connected), exchange.settings().limits.upstream_idle);
        connected = RefusalCode::token_revoked;
    }
    co_return connected;
}

RefusalCode refusal_for(Asked asked) noexcept
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

void abandon(Exchange& exchange) noexcept
{
    exchange.patience.clear();
    exchange.next_look.clear();
    exchange.upload.unlink(); // what it would be sent on is given up
    exchange.upload.limit.clear();
    exchange.upstream_in = Buffer();
    exchange.response_parser.reset();
}

} // namespace gatehouse::gateway
