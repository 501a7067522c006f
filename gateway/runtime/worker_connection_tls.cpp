// The handshake of a connection, before its first request.
#include "gateway/net/tls/tls_context.hpp"
#include "gateway/net/tls/tls_session.hpp"
#include "gateway/runtime/worker_connection.hpp"
#include "gateway/runtime/worker_loop.hpp"

#include <new>
#include <string_view>
#include <utility>

namespace gatehouse::gateway {
namespace {

/// For a person who has forgotten the s in https.
constexpr std::string_view wants_tls = "HTTP/1.1 400 Bad Request\r\n"
                                       "Content-Type: text/plain\r\n"
                                       "Content-Length: 49\r\n"
                                       "Connection: close\r\n"
                                       "\r\n"
                                       "This port speaks HTTPS: ask again with https://.\n";

} // namespace

void ClientConnection::begin_tls() noexcept
{
    state_ = State::shaking_hands;
    auto& deadlines = loop_.generation().runtime->settings.deadlines;
    limit_.arm(loop_.rooms().timers, draining_ ? patience_in_drain() : deadlines.head, *this);
    try {
        auto ssl = open_server(*context_);
        context_.reset(); // the conversation holds its own
        if (!ssl) return loop_.forget(*this);
        socket_.begin_tls(std::move(ssl));
    } catch (const std::bad_alloc&) {
        return loop_.forget(*this);
    }
    shake_hands();
}

void ClientConnection::shake_hands() noexcept
{
    if (limit_.has_passed()) return end_handshake(HandshakeEnd::late);
    auto& tls = *socket_.tls();
    switch (tls.shake_hands()) {
    case TlsSession::Handshake::waits:
        return socket_.wake_when_readable(*this);
    case TlsSession::Handshake::failed:
        if (tls.was_spoken_to_in_http()) return end_handshake(HandshakeEnd::plain_http);
        return end_handshake(tls.failure().empty() ? HandshakeEnd::left : HandshakeEnd::refused);
    case TlsSession::Handshake::done:
        break;
    }
    limit_.clear();
    loop_.counters().handshakes[static_cast<std::size_t>(end_of_handshake(tls.ssl()))].add();
    begin_requests();
}

/// One that came to nothing. The client has been told by an alert, where there is one.
void ClientConnection::end_handshake(HandshakeEnd how) noexcept
{
    loop_.counters().handshakes[static_cast<std::size_t>(how)].add();
    if (how == HandshakeEnd::left || how == HandshakeEnd::late) return loop_.forget(*this);
    socket_.drop_tls(); // what still comes is dropped, whatever it means
    if (how == HandshakeEnd::plain_http) {
        const iovec piece{const_cast<char*>(wants_tls.data()), wants_tls.size()};
        (void)socket_.write({&piece, 1}); // on a connection that has sent nothing it fits
    }
    // Closing over unread bytes would be a reset, which can destroy what was said last.
    linger();
}

} // namespace gatehouse::gateway
