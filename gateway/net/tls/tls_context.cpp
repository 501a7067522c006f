#include "gateway/net/tls/tls_context.hpp"

#include "config/basics/enforced.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace gatehouse::gateway {
namespace {

// Ephemeral keys and authenticated encryption. The fastest with hardware for AES stand first; who
// has none says so by naming ChaCha20 first, and gets it.
constexpr auto ciphers_of_1_2 = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
                                "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
                                "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr auto ciphers_of_1_3 =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr auto groups = "X25519:P-256:P-384";

constexpr int security_level = 2; // RSA of 2048 bits, no SHA-1: SSL_CTX_set_security_level(3)

constexpr auto modes = SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                       SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_AUTO_RETRY;

constexpr std::string_view http_1_1 = "http/1.1"; // RFC 7301, 6
constexpr auto offered_protocols =
    std::to_array<unsigned char>({8, 'h', 't', 't', 'p', '/', '1', '.', '1'});

/// RFC 7301, 3.2: who offers protocols and not ours is refused.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_bytes,
                    const unsigned char* offered, unsigned int offered_bytes, void*)
{
    std::span list(offered, offered_bytes);
    while (!list.empty() && list[0] < list.size()) {
        const auto name = list.subspan(1, list[0]);
        list = list.subspan(1 + name.size());
        if (!std::equal(name.begin(), name.end(), http_1_1.begin(), http_1_1.end())) continue;
        *chosen = name.data();
        *chosen_bytes = static_cast<unsigned char>(name.size());
        return SSL_TLSEXT_ERR_OK;
    }
    return enforced("tls.alpn") ? SSL_TLSEXT_ERR_ALERT_FATAL : SSL_TLSEXT_ERR_NOACK;
}

bool is_ip(const std::string& host) noexcept
{
    in6_addr ignored{};
    return ::inet_pton(AF_INET, host.c_str(), &ignored) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

/// RFC 9110, 4.3.4 and RFC 9525.
bool expect_name(SSL& ssl, const std::string& name)
{
    auto* const terms = SSL_get0_param(&ssl);
    X509_VERIFY_PARAM_set_hostflags(terms, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                               X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    if (is_ip(name)) return X509_VERIFY_PARAM_set1_ip_asc(terms, name.c_str()) == 1;
    return X509_VERIFY_PARAM_set1_host(terms, name.data(), name.size()) == 1;
}

Result<void, std::string> trust(SSL_CTX& context, const std::string& authorities)
{
    if (authorities.empty()) {
        if (SSL_CTX_set_default_verify_paths(&context) == 1) return {};
        return "the system's authorities cannot be used: " + take_openssl_reason();
    }
    const auto all = read_certificates(authorities);
    if (!all) return all.error();
    auto* const store = SSL_CTX_get_cert_store(&context);
    for (const auto& one : *all) {
        if (X509_STORE_add_cert(store, one.get()) != 1) return take_openssl_reason();
    }
    return {};
}

} // namespace

SslContextPtr make_context(TlsVersion oldest)
{
    ERR_clear_error();
    SslContextPtr context(SSL_CTX_new(TLS_method()));
    if (!context) return nullptr;
    auto* const raw = context.get();
    SSL_CTX_set_security_level(raw, security_level);
    // Clients may not renegotiate with a server of OpenSSL 3 anyway; servers with a client may.
    SSL_CTX_set_options(raw, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(raw, modes);
    SSL_CTX_set_read_ahead(raw, 1);
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
    const auto version = oldest == TlsVersion::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
    const bool done = SSL_CTX_set_min_proto_version(raw, version) == 1 &&
                      SSL_CTX_set_max_proto_version(raw, TLS1_3_VERSION) == 1 &&
                      SSL_CTX_set_cipher_list(raw, ciphers_of_1_2) == 1 &&
                      SSL_CTX_set_ciphersuites(raw, ciphers_of_1_3) == 1 &&
                      SSL_CTX_set1_groups_list(raw, groups) == 1;
    return done ? std::move(context) : nullptr;
}

SslContextPtr make_server_context(TlsVersion oldest)
{
    auto context = make_context(oldest);
    if (!context) return nullptr;
    SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_alpn_select_cb(context.get(), &choose_protocol, nullptr);
    return context;
}

Result<SslContextPtr, std::string> make_client_context(const TlsClientTerms& terms)
{
    auto context = make_context(terms.oldest);
    if (!context) return take_openssl_reason();
    if (terms.verify && enforced("tls.verify_server")) {
        SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    }
    if (auto trusted = trust(*context, terms.authorities); !trusted) return trusted.error();
    SSL_CTX_set_alpn_protos(context.get(), offered_protocols.data(), offered_protocols.size());
    if (terms.key_pair) {
        if (auto shown = terms.key_pair->install(*context); !shown) return shown.error();
    }
    return context;
}

SslPtr open_server(SSL_CTX& context)
{
    SslPtr ssl(SSL_new(&context));
    if (ssl) SSL_set_accept_state(ssl.get());
    return ssl;
}

SslPtr open_client(SSL_CTX& context, const std::string& server_name)
{
    SslPtr ssl(SSL_new(&context));
    if (!ssl) return nullptr;
    SSL_set_connect_state(ssl.get());
    const bool checks = SSL_CTX_get_verify_mode(&context) != SSL_VERIFY_NONE;
    if (checks && enforced("tls.verify_name") && !expect_name(*ssl, server_name)) return nullptr;
    // SNI has names only.  RFC 6066, 3
    const bool told =
        is_ip(server_name) || SSL_set_tlsext_host_name(ssl.get(), server_name.c_str());
    return told ? std::move(ssl) : nullptr;
}

bool agreed_on_http(const SSL& ssl) noexcept
{
    const unsigned char* chosen = nullptr;
    unsigned int bytes = 0;
    SSL_get0_alpn_selected(&ssl, &chosen, &bytes);
    const std::span name(chosen, bytes);
    return name.empty() || std::equal(name.begin(), name.end(), http_1_1.begin(), http_1_1.end());
}

} // namespace gatehouse::gateway
