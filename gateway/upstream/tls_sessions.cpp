#include "gateway/upstream/tls_sessions.hpp"

#include "config/basics/enforced.hpp"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <ctime>
#include <new>
#include <utility>

namespace gatehouse::gateway {
namespace {

int slot()
{
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

/// A session brings no certificate with it, and the next one comes from it: without a look at the
/// date one handshake would do for ever.
bool has_expired(const SSL_SESSION& session, std::time_t now)
{
    auto* const certificate =
        SSL_SESSION_get0_peer(const_cast<SSL_SESSION*>(&session)); // only read
    return certificate != nullptr && X509_cmp_time(X509_get0_notAfter(certificate), &now) < 0;
}

} // namespace

void FreeTlsSession::operator()(SSL_SESSION* session) const noexcept
{
    SSL_SESSION_free(session);
}

void TlsSessions::collect_from(SSL_CTX& context)
{
    SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(&context, &TlsSessions::keep);
}

int TlsSessions::keep(SSL* conversation, SSL_SESSION* session) noexcept
{
    auto* const sessions = static_cast<TlsSessions*>(SSL_get_ex_data(conversation, slot()));
    if (sessions == nullptr || SSL_SESSION_is_resumable(session) != 1) return 0;
    auto& kept = sessions->kept_;
    try {
        if (kept.capacity() < most) kept.reserve(most);
    } catch (const std::bad_alloc&) { // then without
        return 0;
    }
    if (kept.size() == most) kept.erase(kept.begin());
    kept.emplace_back(session); // whose count was raised for us
    return 1;
}

TlsSessionPtr TlsSessions::take(Now now) noexcept
{
    while (!kept_.empty()) {
        auto newest = std::move(kept_.back());
        kept_.pop_back();
        const auto at = std::chrono::system_clock::to_time_t(now);
        if (!enforced("upstream.tls_session_expiry") || !has_expired(*newest, at)) return newest;
    }
    return nullptr;
}

void TlsSessions::prepare(SSL& conversation, Now now)
{
    SSL_set_ex_data(&conversation, slot(), this);
    auto session = take(now);
    if (!session) return;
    SSL_set_session(&conversation, session.get());
    // RFC 8446, C.4: of TLS 1.3 each is used once, so that nobody can connect two conversations.
    if (SSL_SESSION_get_protocol_version(session.get()) >= TLS1_3_VERSION) return;
    kept_.push_back(std::move(session));
}

} // namespace gatehouse::gateway
