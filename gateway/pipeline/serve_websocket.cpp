#include "config/basics/enforced.hpp"
#include "gateway/headers/downstream_head.hpp"
#include "gateway/http/websocket_handshake.hpp"
#include "gateway/pipeline/answer_treatment.hpp"
#include "gateway/pipeline/serve_conversation.hpp"
#include "gateway/pipeline/serve_steps.hpp"
#include "gateway/relay/tunnel.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::gateway {
namespace {

using std::chrono::milliseconds;

// As often as of an answer that lasts: over within a second of a logout.
constexpr milliseconds look_every{500};

/// Of those open now, while it lives.
class Counted {
public:
    explicit Counted(Counter& counter) noexcept : counter_(counter) { counter_.add(); }

    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

    ~Counted() { counter_.subtract(); }

private:
    Counter& counter_;
};

/// Why a WebSocket is ended by us, and what both ends are told.
struct Farewell {
    CloseCode code;
    std::string_view told;
    std::string_view logged;
};

Farewell farewell_for(Ended ended) noexcept
{
    const auto told = ended == Ended::with_its_token ? "token expired" : "session ended";
    return {CloseCode::policy_violation, ended == Ended::unheard ? "not known any more" : told,
            to_string(ended)};
}

/// A WebSocket of this exchange, from the 101 on: when it waits, how long, and why it ends.
class WebSocketService {
public:
    WebSocketService(Exchange& exchange, Rooms& rooms, Socket& upstream, Buffer early)
        : exchange_(exchange),
          rooms_(rooms),
          deadlines_(exchange.settings().deadlines),
          tunnel_(*exchange.client.socket, upstream, rooms.blocks, std::move(early))
    {
    }

    [[nodiscard]] Task<After> run();

private:
    /// The limit of a receiver that takes nothing, and how far it was when that began.
    struct Stall {
        Deadline& limit;
        std::uint64_t at = 0;
    };

    [[nodiscard]] bool must_be_cut();
    [[nodiscard]] std::optional<Farewell> reason_to_end();
    [[nodiscard]] After after_end(Tunnel::State state);
    void end_for(const Farewell& why);
    void note_life() noexcept;
    [[nodiscard]] milliseconds longest_silence() const noexcept;
    void prepare_wait();
    void watch(const TunnelFlow& flow, Stall& stall);

    Exchange& exchange_;
    Rooms& rooms_;
    const config::DeadlineSettings& deadlines_;
    Tunnel tunnel_;
    Stall up_{exchange_.upload.limit};
    Stall down_{exchange_.answer.limit};
    std::uint64_t passed_ = 0;
    bool half_closed_ = false;
    TimerWheel::Time last_life_ = Timers::now();
};

Task<After> WebSocketService::run()
{
    auto state = tunnel_.step(rooms_.turn, exchange_.waiter);
    while (state == Tunnel::State::open && !must_be_cut()) {
        note_life();
        if (!tunnel_.is_closing()) {
            if (const auto why = reason_to_end()) {
                end_for(*why);
                state = tunnel_.step(rooms_.turn, exchange_.waiter);
                continue;
            }
        }
        prepare_wait();
        co_await exchange_.waiter.sleep();
        state = tunnel_.step(rooms_.turn, exchange_.waiter);
    }
    co_return after_end(state);
}

/// Nothing more can be said, or nobody listens.
bool WebSocketService::must_be_cut()
{
    if (exchange_.stopped) return true;
    if (up_.limit.has_passed() || down_.limit.has_passed()) {
        exchange_.reason = up_.limit.has_passed() ? "cut off: the upstream takes nothing"
                                                  : "cut off: the client takes nothing";
        return true;
    }
    return tunnel_.is_closing() && exchange_.patience.has_passed();
}

std::optional<Farewell> WebSocketService::reason_to_end()
{
    if (exchange_.client.leaving != nullptr && *exchange_.client.leaving) {
        return Farewell{CloseCode::going_away, "going away", "closed: the gateway stops"};
    }
    if (exchange_.patience.has_passed()) {
        exchange_.patience.clear();
        if (Timers::now() - last_life_ >= longest_silence()) {
            return Farewell{CloseCode::going_away, "silent for too long", "closed: silent"};
        }
    }
    if (exchange_.next_look.has_passed()) {
        exchange_.next_look.clear();
        const auto now = rooms_.shared.clock.seconds();
        const auto ended =
            ended_meanwhile(deciding_rooms(exchange_, rooms_), exchange_.admission, now);
        if (enforced("websocket.lasting") && ended != Ended::no) return farewell_for(ended);
    }
    return std::nullopt;
}

void WebSocketService::end_for(const Farewell& why)
{
    exchange_.reason = why.logged;
    exchange_.next_look.clear();
    tunnel_.close(why.code, why.told, static_cast<std::uint32_t>(rooms_.ids.next()));
    exchange_.patience.arm(rooms_.timers, deadlines_.linger, exchange_.waiter);
}

void WebSocketService::note_life() noexcept
{
    const auto passed = tunnel_.up().moves() + tunnel_.down().moves();
    if (passed == passed_) return;
    passed_ = passed;
    last_life_ = Timers::now();
}

milliseconds WebSocketService::longest_silence() const noexcept
{
    const milliseconds idle = deadlines_.websocket_idle;
    return tunnel_.is_half_closed() ? std::min<milliseconds>(idle, deadlines_.write_stall) : idle;
}

void WebSocketService::watch(const TunnelFlow& flow, Stall& stall)
{
    if (flow.state() != TunnelFlow::State::sink_waits) return stall.limit.clear();
    if (stall.limit.is_armed() && stall.at == flow.bytes()) return;
    stall.at = flow.bytes();
    stall.limit.arm(rooms_.timers, deadlines_.write_stall, exchange_.waiter);
}

void WebSocketService::prepare_wait()
{
    auto& waiter = exchange_.waiter;
    if (tunnel_.wake_when_ready(waiter)) rooms_.turn.send_at_end(exchange_.pause, waiter);
    watch(tunnel_.up(), up_);
    watch(tunnel_.down(), down_);
    if (tunnel_.is_closing()) return;
    if (!half_closed_ && tunnel_.is_half_closed()) {
        half_closed_ = true;
        exchange_.patience.clear(); // it was armed for longer
    }
    if (!exchange_.patience.is_armed()) {
        const auto silent = Timers::now() - last_life_;
        const auto left = longest_silence() - std::chrono::duration_cast<milliseconds>(silent);
        exchange_.patience.arm(rooms_.timers, std::max(left, milliseconds{1}), waiter);
    }
    if (exchange_.admission.principal != nullptr && !exchange_.next_look.is_armed()) {
        exchange_.next_look.arm(rooms_.timers, look_every, waiter);
    }
}

After WebSocketService::after_end(Tunnel::State state)
{
    exchange_.bytes_in += tunnel_.up().bytes();
    exchange_.bytes_out += tunnel_.down().bytes();
    if (tunnel_.is_closing()) return tunnel_.client_was_told() ? After::close : After::cut;
    if (state == Tunnel::State::over) return After::close;
    if (state == Tunnel::State::upstream_gone) {
        exchange_.reason = "cut off: the upstream is gone";
        exchange_.asked->failed(RefusalCode::upstream_reset);
    }
    return After::cut;
}

/// What a client said before it was told that this is a WebSocket was for nobody.  R10
bool speaks_too_early(const Exchange& exchange)
{
    return enforced("serve.websocket_early") && !exchange.client.socket->is_quiet();
}

} // namespace

Task<After> serve_websocket(Exchange& exchange, Rooms& rooms, Socket& upstream,
                            Conversation& conversation)
{
    if (speaks_too_early(exchange)) {
        if (exchange.client.socket->peer_has_left()) co_return After::cut; // nobody to tell
        const Refusal refusal(RefusalCode::bad_request, "bytes before the answer to a handshake");
        co_return co_await refuse(exchange, rooms, refusal);
    }
    HeadWriter head(rooms.desk);
    const auto protocol = chosen_protocol(exchange.response, exchange.request);
    auto delivery = delivery_to(exchange, rooms, {}, true);
    const AnswerTreatment treatment(exchange);
    treatment.apply_to(delivery);
    write_switching_head(head, exchange.response, delivery, protocol);
    if (head.overflowed())
        co_return co_await refuse(exchange, rooms, RefusalCode::upstream_protocol);
    exchange.status = switching_protocols;
    const Counted open(rooms.counters.websockets_open);
    const auto sent = co_await send_answer(exchange, rooms, head.written(), {}, After::keep);
    if (sent != After::keep) co_return sent;
    exchange.response.fields.clear(); // it stood in the block that goes on to the tunnel
    exchange.response_parser.reset();
    exchange.keep_head_only();

    WebSocketService service(exchange, rooms, upstream, conversation.take_behind_head());
    co_return co_await service.run();
}

} // namespace gatehouse::gateway
