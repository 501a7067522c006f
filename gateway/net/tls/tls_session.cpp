#include "gateway/net/tls/tls_session.hpp"

#include "gateway/net/tls/openssl_errors.hpp"
#include "gateway/net/tls/tls_wire.hpp"
#include "gateway/net/watch.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <sys/socket.h>

#include <new>
#include <utility>

namespace gatehouse::gateway {
TlsSession::TlsSession(SslPtr ssl, Watch& watch) : watch_(watch), ssl_(std::move(ssl))
{
    auto* const wire = TlsWire::open(*this);
    if (wire == nullptr) throw std::bad_alloc();
    SSL_set_bio(ssl_.get(), wire, wire); // which is its own now
}

TlsSession::~TlsSession() = default;

TlsSession::Handshake TlsSession::shake_hands() noexcept
{
    if (life_ == Life::open) return Handshake::done;
    if (life_ != Life::shaking) return Handshake::failed;
    if (!flush_held()) return is_dead() ? Handshake::failed : Handshake::waits;
    forget_older_errors();
    receives_ = 0;
    yields_ = starved_ = reading_needs_room_ = false;
    // A flight of several messages is larger than what OpenSSL gathers by itself.
    holding_ = true;
    const int result = SSL_do_handshake(ssl_.get());
    holding_ = false;
    if (result == 1) {
        life_ = Life::open;
    } else {
        judge_reading(result);
    }
    (void)flush_held(); // also after a failure: the peer hears why
    if (is_dead()) return Handshake::failed;
    return result == 1 ? Handshake::done : Handshake::waits;
}

/// After a handshake or a read that has not done what it was asked for.
void TlsSession::judge_reading(int result) noexcept
{
    switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
        starved_ = true;
        break;
    case SSL_ERROR_WANT_WRITE:
        reading_needs_room_ = true;
        break;
    case SSL_ERROR_ZERO_RETURN:
        if (life_ == Life::shaking) return fail();
        life_ = Life::ended;
        break;
    default:
        fail();
        break;
    }
}

void TlsSession::judge_writing(int result) noexcept
{
    const int why = SSL_get_error(ssl_.get(), result);
    writing_needs_bytes_ = why == SSL_ERROR_WANT_READ;
    if (!writing_needs_bytes_ && why != SSL_ERROR_WANT_WRITE) fail();
}

void TlsSession::fail() noexcept
{
    life_ = Life::failed;
    const auto code = ERR_peek_error();
    if (code != 0 && ERR_GET_LIB(code) == ERR_LIB_SSL) {
        const auto reason = ERR_GET_REASON(code);
        http_ = reason == SSL_R_HTTP_REQUEST;
        const char* words = reason == SSL_R_CERTIFICATE_VERIFY_FAILED
                                ? X509_verify_cert_error_string(SSL_get_verify_result(ssl_.get()))
                                : ERR_reason_error_string(code);
        if (words != nullptr) failure_ = words;
    }
    ERR_clear_error();
}

bool TlsSession::can_say_goodbye() const noexcept
{
    // Behind half a record there is nothing to say: the stream is cut, and has to look so.
    return (life_ == Life::open || life_ == Life::ended) && owed_bytes_ == 0 && !ends_;
}

void TlsSession::hold_goodbye() noexcept
{
    holding_ = true;
    if (SSL_shutdown(ssl_.get()) < 0) ERR_clear_error();
    holding_ = false;
    ends_ = true;
}

void TlsSession::finish_sending() noexcept
{
    if (can_say_goodbye()) {
        hold_goodbye();
        (void)flush_held();
    }
    if (held_.empty()) ::shutdown(watch_.native(), SHUT_WR);
}

void TlsSession::say_goodbye() noexcept
{
    if (!can_say_goodbye()) return;
    if (!flush_held()) return;
    ends_ = true;
    if (SSL_shutdown(ssl_.get()) < 0) ERR_clear_error();
}

void TlsSession::wake_when_readable(Wakeable& whom) noexcept
{
    const bool needs_room = reading_needs_room_ || (life_ == Life::shaking && !held_.empty());
    if (needs_room) return watch_.wake_when_ready(watch_.writing, whom);
    const bool at_once = life_ == Life::ended || life_ == Life::failed || has_unread();
    if (at_once) watch_.reading.blocked = watch_.reading.drained = yields_ = false;
    watch_.wake_when_ready(watch_.reading, whom);
    if (!held_.empty()) watch_.wake_when_ready(watch_.writing, whom);
}

void TlsSession::wake_when_writable(Wakeable& whom) noexcept
{
    if (writing_needs_bytes_) return watch_.wake_when_ready(watch_.reading, whom);
    watch_.wake_when_ready(watch_.writing, whom);
}

} // namespace gatehouse::gateway
