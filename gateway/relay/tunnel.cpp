#include "gateway/relay/tunnel.hpp"

#include <utility>

namespace gatehouse::gateway {
namespace {

// How much is dropped at a time, and how often in a row.
constexpr std::size_t drop_piece_bytes = 64 * 1024;
constexpr int drop_pieces = 16;

} // namespace

Tunnel::Tunnel(Socket& client, Socket& upstream, BufferPool& pieces, Buffer early)
    : client_(client),
      upstream_(upstream),
      up_(client, upstream, pieces, Buffer()),
      down_(upstream, client, pieces, std::move(early))
{
}

Tunnel::State Tunnel::step(Turn& turn, Wakeable& whom)
{
    if (closing_) return step_closing(turn, whom);
    const auto down = down_.step(turn, whom);
    const auto up = up_.step(turn, whom);
    using enum TunnelFlow::State;
    if (up == source_broken) return State::client_gone;
    if (down == source_broken) return State::upstream_gone;
    // Whoever takes nothing more may still have said something: that goes first.
    const bool up_rests = up != moving && up != sink_waits && up != lined_up;
    const bool down_rests = down != moving && down != sink_waits && down != lined_up;
    if (down == sink_broken && up_rests) return State::client_gone;
    if (up == sink_broken && down_rests && down != done) return State::upstream_gone;
    const bool up_is_over = up == done || up == sink_broken;
    return down == done && up_is_over ? State::over : State::open;
}

void Tunnel::close(CloseCode code, std::string_view reason, std::uint32_t mask)
{
    closing_ = true;
    const bool told = down_.frames().has_closed();
    down_.say_last(told ? std::string() : close_frame(code, reason, std::nullopt),
                   TunnelFlow::Begun::finish);
    const bool upstream_told = up_.frames().has_closed();
    // What the client sends on is not for the upstream any more, be it half of a frame.
    up_.say_last(upstream_told ? std::string() : close_frame(code, reason, mask),
                 TunnelFlow::Begun::abandon);
}

/// Both are told; what they still say is dropped until they go.
Tunnel::State Tunnel::step_closing(Turn& turn, Wakeable& whom)
{
    up_.step(turn, whom);
    const auto down = down_.step(turn, whom);
    using enum TunnelFlow::State;
    if (down == sink_broken) return State::client_gone;
    if (down == source_broken) return State::upstream_gone; // inside the frame
    if (hears_client_no_more()) of_client_.drop(client_);
    if (down == done) of_upstream_.drop(upstream_);
    const bool both_went = of_client_.has_ended && of_upstream_.has_ended;
    return down == done && both_went ? State::over : State::open;
}

/// Until then what it sends stays where it is: our last words to the upstream come first.
bool Tunnel::hears_client_no_more() const noexcept
{
    using enum TunnelFlow::State;
    const auto up = up_.state();
    return up == done || up == sink_broken || up == source_broken;
}

bool Tunnel::is_half_closed() const noexcept
{
    return up_.is_over() || down_.is_over() || up_.frames().has_closed() ||
           down_.frames().has_closed();
}

bool Tunnel::wake_for(TunnelFlow& flow, Socket& source, Socket& sink, Wakeable& whom)
{
    switch (flow.state()) {
    case TunnelFlow::State::moving:
        return true;
    case TunnelFlow::State::sink_waits:
        sink.wake_when_writable(whom);
        break;
    case TunnelFlow::State::lined_up:
    case TunnelFlow::State::source_waits:
        source.wake_when_readable(whom);
        break;
    case TunnelFlow::State::done:
    case TunnelFlow::State::source_broken:
    case TunnelFlow::State::sink_broken:
        break;
    }
    return false;
}

bool Tunnel::wake_when_ready(Wakeable& whom)
{
    const bool up_at_once = wake_for(up_, client_, upstream_, whom);
    const bool down_at_once = wake_for(down_, upstream_, client_, whom);
    if (closing_) {
        if (!of_client_.has_ended && hears_client_no_more()) client_.wake_when_readable(whom);
        if (!of_upstream_.has_ended && down_.is_over()) upstream_.wake_when_readable(whom);
    }
    return up_at_once || down_at_once;
}

void Tunnel::Rest::drop(Socket& from) noexcept
{
    for (int pieces = 0; pieces < drop_pieces && !has_ended; ++pieces) {
        const auto got = from.discard(drop_piece_bytes);
        if (got.state == Transfer::State::would_block) return;
        has_ended = got.state != Transfer::State::moved;
    }
}

} // namespace gatehouse::gateway
