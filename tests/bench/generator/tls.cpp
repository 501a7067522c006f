#include "tests/bench/generator/tls.hpp"

#include "tests/bench/sockets.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <fcntl.h>

#include <cerrno>

namespace gatehouse::bench {
namespace {

long outcome(SSL& ssl, int result)
{
    if (result > 0) return result;
    const int why = SSL_get_error(&ssl, result);
    ERR_clear_error();
    if (why == SSL_ERROR_ZERO_RETURN) return 0;
    errno = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? EAGAIN : EPROTO;
    return -1;
}

} // namespace

void FreeTls::operator()(SSL_CTX* context) const noexcept
{
    SSL_CTX_free(context);
}

void FreeTls::operator()(SSL* ssl) const noexcept
{
    SSL_free(ssl);
}

void FreeTls::operator()(SSL_SESSION* session) const noexcept
{
    SSL_SESSION_free(session);
}

Tls::Tls(bool resumes) : context_(SSL_CTX_new(TLS_client_method())), resumes_(resumes)
{
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_3_VERSION);
    SSL_CTX_set_mode(context_.get(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context_.get(), 1);
    if (!resumes_) return;
    SSL_CTX_set_session_cache_mode(context_.get(),
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_set_app_data(context_.get(), this);
    SSL_CTX_sess_set_new_cb(context_.get(), &Tls::keep);
}

int Tls::keep(SSL* ssl, SSL_SESSION* session)
{
    auto* const self = static_cast<Tls*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    self->last_.reset(session);
    return 1;
}

Tls::Session Tls::open(int fd)
{
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    Session ssl(SSL_new(context_.get()));
    SSL_set_fd(ssl.get(), fd);
    SSL_set_connect_state(ssl.get());
    SSL_set_tlsext_host_name(ssl.get(), "api.example.test");
    if (last_) SSL_set_session(ssl.get(), last_.get());
    return ssl;
}

long send_over(SSL& ssl, std::string_view bytes)
{
    return outcome(ssl, SSL_write(&ssl, bytes.data(), static_cast<int>(bytes.size())));
}

long receive_over(SSL& ssl, std::span<char> into)
{
    return outcome(ssl, SSL_read(&ssl, into.data(), static_cast<int>(into.size())));
}

} // namespace gatehouse::bench
