// How a connection ends: in order, behind what is still coming, turned away, or drained.
#include "gateway/pipeline/refusal_answer.hpp"
#include "gateway/runtime/worker_connection.hpp"
#include "gateway/runtime/worker_loop.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

// Who has connected is about to ask, and has not been told to go elsewhere: on the way here the
// first request may be a round trip behind, or three with a lost segment.
constexpr std::chrono::milliseconds first_request_within = 1s;

// How much of an unwanted request is dropped at a time.
constexpr std::size_t drop_piece_bytes = 64 * 1024;

} // namespace

void ClientConnection::end_with(After after, bool more_arrived)
{
    switch (after) {
    case After::cut:
        socket_.abort();
        break;
    case After::linger:
        return linger();
    case After::keep:
    case After::close:
        // Closing over unread bytes would be a reset, which can destroy the last answer.
        if (more_arrived) return linger();
        break;
    }
    loop_.forget(*this);
}

void ClientConnection::linger()
{
    if (loop_.is_stopped()) return loop_.forget(*this);
    state_ = State::lingering;
    socket_.finish_sending();
    limit_.arm(loop_.rooms().timers, loop_.generation().runtime->settings.deadlines.linger, *this);
    socket_.wake_when_readable(*this);
}

void ClientConnection::drop_input()
{
    const auto most = loop_.generation().runtime->settings.limits.linger_bytes;
    while (!limit_.has_passed() && dropped_bytes_ <= most) {
        const auto got = socket_.discard(drop_piece_bytes);
        if (got.state == Transfer::State::would_block) {
            return socket_.wake_when_readable(*this);
        }
        if (got.state != Transfer::State::moved) break;
        dropped_bytes_ += got.bytes;
    }
    loop_.forget(*this);
}

void ClientConnection::turn_away(Parting parting)
{
    auto& rooms = loop_.rooms();
    rooms.counters.refused(RefusalCode::overloaded);
    if (context_) return refuse_handshake(parting);
    RequestId id;
    id.renew(rooms.ids);
    RefusedRequest refused;
    refused.request_id = id.text();
    refused.delivery.keep_alive = false;
    refused.delivery.date = rooms.date.text(rooms.shared.clock.seconds());
    refused.shape = loop_.generation().runtime->settings.auth.contract.errors;
    HeadWriter head(rooms.desk);
    write_refusal(head, Refusal(RefusalCode::overloaded), refused);
    const auto text = head.written();
    const iovec piece{const_cast<char*>(text.data()), text.size()};
    (void)socket_.write({&piece, 1}); // on a connection that has sent nothing it fits, or is gone
    if (parting == Parting::slow) return linger();
    loop_.forget(*this);
}

void ClientConnection::leave()
{
    leaving_ = true;
    if (exchange_ != nullptr) exchange_->waiter.wake();
}

void ClientConnection::drain()
{
    draining_ = true;
    const bool waits =
        state_ == State::idle || state_ == State::announced || state_ == State::shaking_hands;
    if (waits && fresh_) return limit_.arm(loop_.rooms().timers, patience_in_drain(), *this);
    if (state_ == State::idle) return loop_.forget(*this);
    leave(); // it may be waiting for a next request
}

std::chrono::milliseconds ClientConnection::patience_in_drain() const noexcept
{
    return std::min(first_request_within, loop_.generation().runtime->settings.drain.timeout / 2);
}

void ClientConnection::stop()
{
    if (exchange_ == nullptr) {
        if (state_ != State::serving) loop_.forget(*this);
        return;
    }
    exchange_->stop();
}

} // namespace gatehouse::gateway
