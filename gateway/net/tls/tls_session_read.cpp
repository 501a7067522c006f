#include "config/basics/enforced.hpp"
#include "gateway/net/tls/openssl_errors.hpp"
#include "gateway/net/tls/tls_session.hpp"
#include "gateway/net/watch.hpp"
#include "gateway/net/wire.hpp"

#include <openssl/ssl.h>

#include <poll.h>

#include <algorithm>
#include <array>

namespace gatehouse::gateway {
namespace {

constexpr std::size_t discarded_bytes = 16 * 1024; // at a time: what a record holds

// A read that has called the kernel so often without an end lets other connections have their
// turn: a peer may send messages of the protocol itself for ever, and none of them is data.
constexpr std::uint8_t receives_per_read = 32;

} // namespace

/// Bytes have arrived that no read has taken yet, whether they are data or not.
bool TlsSession::has_unread() const noexcept
{
    return yields_ || (!starved_ && SSL_has_pending(ssl_.get()) == 1);
}

bool TlsSession::may_have_data() const noexcept
{
    if (life_ != Life::open && life_ != Life::shaking) return true; // the end of it
    if (yields_ || (reading_needs_room_ && watch_.writing.blocked)) return false;
    return has_unread() || (!watch_.reading.blocked && !watch_.reading.drained);
}

Transfer TlsSession::end_of_reading() const noexcept
{
    if (life_ == Life::ended) return {Transfer::State::ended, 0};
    if (life_ == Life::failed) return {Transfer::State::failed, 0};
    return {};
}

Transfer TlsSession::read(std::span<char> into) noexcept
{
    if (life_ != Life::open) return end_of_reading();
    if (!held_.empty() && !flush_held() && is_dead()) return end_of_reading();
    forget_older_errors();
    receives_ = 0;
    yields_ = false;
    std::size_t got = 0;
    while (got < into.size() && (got == 0 || may_have_data())) {
        std::size_t piece = 0;
        starved_ = reading_needs_room_ = false;
        const int result = SSL_read_ex(ssl_.get(), into.data() + got, into.size() - got, &piece);
        if (result != 1) {
            judge_reading(result);
            break;
        }
        got += piece;
    }
    if (got != 0) return {Transfer::State::moved, got}; // what ended it comes with the next call
    return end_of_reading();
}

Transfer TlsSession::discard(std::size_t most) noexcept
{
    std::array<char, discarded_bytes> unwanted; // not cleared
    return read(std::span(unwanted).first(std::min(most, unwanted.size())));
}

bool TlsSession::is_quiet() noexcept
{
    if (life_ != Life::open || SSL_pending(ssl_.get()) != 0) return false;
    pollfd asked{watch_.native(), POLLIN | POLLRDHUP, 0};
    if (::poll(&asked, 1, 0) == 0 && !has_unread()) return true;
    // It may be a session ticket, which nobody has to hear of.
    watch_.reading.blocked = watch_.reading.drained = false;
    forget_older_errors();
    receives_ = 0;
    yields_ = starved_ = reading_needs_room_ = false;
    char unasked = 0;
    std::size_t count = 0;
    const int result = SSL_peek_ex(ssl_.get(), &unasked, 1, &count);
    if (result == 1) return false;
    judge_reading(result);
    return life_ == Life::open && !yields_;
}

int TlsSession::take_from_wire(std::span<char> into, std::size_t& count) noexcept
{
    if (receives_ >= receives_per_read) {
        yields_ = true;
        return -1;
    }
    ++receives_;
    const auto got = receive(watch_, into);
    count = got.bytes;
    switch (got.state) {
    case Transfer::State::moved:
        return 1;
    case Transfer::State::would_block:
        return -1;
    // The end of the wire is not the end of the stream.
    case Transfer::State::ended:
        if (enforced("tls.truncation") || life_ == Life::shaking) return 0;
        life_ = Life::ended;
        return -1;
    case Transfer::State::failed:
        return 0;
    }
    return 0;
}

} // namespace gatehouse::gateway
