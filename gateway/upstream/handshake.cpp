#include "gateway/upstream/handshake.hpp"

#include "gateway/net/tls/tls_context.hpp"
#include "gateway/net/tls/tls_session.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <chrono>
#include <string_view>
#include <utility>

namespace gatehouse::gateway {
namespace {

/// In the words of OpenSSL: what came back are no records at all.
constexpr std::string_view no_tls_there = "wrong version number";

Secured fail(const Connecting& connecting, std::string reason,
             RefusalCode code = RefusalCode::upstream_unreachable)
{
    if (connecting.reason != nullptr) *connecting.reason = std::move(reason);
    return code;
}

[[nodiscard]] bool was_not_trusted(const SSL& ssl) noexcept
{
    return (SSL_get_verify_mode(&ssl) & SSL_VERIFY_PEER) != 0 &&
           SSL_get_verify_result(&ssl) != X509_V_OK;
}

} // namespace

std::string reason_of(const TlsSession& tls, const std::string& server_name)
{
    const auto words = tls.failure();
    if (words.empty()) return {};
    if (was_not_trusted(tls.ssl())) {
        return fmt::format("TLS: certificate verify failed for {}: {}", server_name, words);
    }
    if (words == no_tls_there) return fmt::format("TLS: no TLS is spoken there ({})", words);
    return fmt::format("TLS: {}", words);
}

Task<Secured> shake_hands(Socket& socket, const EndpointTarget& target,
                          const Connecting& connecting)
{
    auto ssl = target.tls ? open_client(target.tls->context(), target.server_name) : SslPtr();
    if (!ssl) co_return fail(connecting, "TLS: it could not be prepared");
    auto* const sessions = connecting.sessions;
    if (sessions != nullptr) sessions->prepare(*ssl, std::chrono::system_clock::now());
    socket.begin_tls(std::move(ssl));
    auto& tls = *socket.tls();
    for (;;) {
        const auto step = tls.shake_hands();
        if (step == TlsSession::Handshake::done) break;
        if (step == TlsSession::Handshake::failed) {
            if (sessions != nullptr) sessions->forget_all();
            auto reason = reason_of(tls, target.server_name);
            if (reason.empty()) reason = "TLS: the connection ended during the handshake";
            co_return fail(connecting, std::move(reason));
        }
        if (connecting.limit.has_passed()) {
            co_return fail(connecting, "TLS: the handshake takes too long",
                           RefusalCode::upstream_timeout);
        }
        socket.wake_when_readable(connecting.waiter);
        co_await connecting.waiter.sleep();
    }
    // OpenSSL refuses that itself; only once more does it cost nothing.
    if (!agreed_on_http(tls.ssl())) {
        co_return fail(connecting, "TLS: the server speaks a protocol that it was not offered");
    }
    co_return Secured();
}

} // namespace gatehouse::gateway
