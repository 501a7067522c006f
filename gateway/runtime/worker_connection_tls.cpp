// The handshake of a connection, before its first request.
#include "gateway/net/tls/client_terms.hpp"
#include "gateway/net/tls/tls_context.hpp"
#include "gateway/net/tls/tls_session.hpp"
#include "gateway/runtime/worker_connection.hpp"
#include "gateway/runtime/worker_loop.hpp"

#include <openssl/ssl.h>

#include <memory>
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

// Fatal internal_error in the clear: "makes it impossible to continue".  RFC 8446, 5.1 and 6.2
constexpr std::string_view cannot_now("\x15\x03\x03\x00\x02\x02\x50", 7);

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
    handshake_ = end_of_handshake(tls.ssl());
    loop_.counters().handshakes[static_cast<std::size_t>(handshake_)].add();
    try {
        take_certificate(tls.ssl(), *loop_.generation().runtime);
    } catch (const std::bad_alloc&) { // what it is must be known, or nobody may come in
        return loop_.forget(*this);
    }
    begin_requests();
}

void ClientConnection::take_certificate(const SSL& ssl, const Runtime& runtime)
{
    const auto* const terms = client_terms_of(ssl);
    if (terms == nullptr || !terms->asks) return;
    const auto* const certificate = SSL_get0_peer_certificate(&ssl);
    if (certificate == nullptr) return;
    auto told = describe_certificate(*certificate);
    if (!told || SSL_get_verify_result(&ssl) != X509_V_OK) {
        let_in_ = false;
        return;
    }
    shown_ = std::make_unique<ShownCertificate>(ShownCertificate{*std::move(told), nullptr});
    judge_certificate(runtime);
}

/// What the listener of this connection wants of certificates may be something else than it was.
void ClientConnection::judge_certificate(const Runtime& runtime)
{
    const auto& ssl = socket_.tls()->ssl();
    const auto* const terms = client_terms_of(ssl);
    if (terms == nullptr) return;
    const auto number = runtime.listener_at(terms->listener);
    const bool has_tls = number && *number < runtime.tls_servers.size();
    auto* const now = has_tls ? runtime.tls_servers[*number].context.get() : nullptr;
    if (!would_be_let_in(ssl, now)) let_in_ = false;
    if (!shown_) return;
    const auto& tls = runtime.settings.listen;
    const bool asks = number && tls[*number].tls && tls[*number].tls->client_certificates;
    shown_->told_in = asks ? &tls[*number].tls->client_certificates->headers : nullptr;
}

/// Or there is none.
bool ClientConnection::is_certificate_good(auth::Seconds now) const noexcept
{
    return let_in_ && (!shown_ || shown_->is.is_good_at(now.time_since_epoch().count()));
}

/// Too many connections. It would take a handshake to say that in HTTP, and a handshake is the most
/// that a stranger can ask for.
void ClientConnection::refuse_handshake(Parting parting) noexcept
{
    loop_.counters().handshakes[static_cast<std::size_t>(HandshakeEnd::overloaded)].add();
    const iovec piece{const_cast<char*>(cannot_now.data()), cannot_now.size()};
    (void)socket_.write({&piece, 1}); // on a connection that has sent nothing it fits, or is gone
    if (parting == Parting::slow) return linger();
    loop_.forget(*this);
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
