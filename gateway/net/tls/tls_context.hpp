#pragma once

#include "config/basics/result.hpp"
#include "gateway/net/tls/key_pair.hpp"
#include "gateway/net/tls/ssl_pointer.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace gatehouse::gateway {

enum class TlsVersion : std::uint8_t { v1_2, v1_3 };

/// What all our conversations share: forward secrecy and authenticated encryption only, no
/// renegotiation, no compression, no session cache. Null without memory.
[[nodiscard]] SslContextPtr make_context(TlsVersion oldest);

/// The server's side, without a certificate yet: it chooses the cipher, and HTTP/1.1.
[[nodiscard]] SslContextPtr make_server_context(TlsVersion oldest);

/// How to be a client.
struct TlsClientTerms {
    /// PEM of the authorities that are trusted; empty: those of the system.
    std::string authorities;
    /// Shown to a server that asks who we are.
    std::optional<KeyPair> key_pair;
    /// False: anybody may be the server.
    bool verify = true;
    TlsVersion oldest = TlsVersion::v1_2;
};

/// Error: a sentence for the operator.
[[nodiscard]] Result<SslContextPtr, std::string> make_client_context(const TlsClientTerms& terms);

/// One conversation. Null without memory.
[[nodiscard]] SslPtr open_server(SSL_CTX& context);
/// `server_name`: a name or an IP address, which the certificate must be for; names go into SNI.
[[nodiscard]] SslPtr open_client(SSL_CTX& context, const std::string& server_name);

/// After a client's handshake: the server has chosen nothing but HTTP/1.1, or not chosen.
[[nodiscard]] bool agreed_on_http(const SSL& ssl) noexcept;

} // namespace gatehouse::gateway
