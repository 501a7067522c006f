#include "auth/redis/tls.hpp"

#include "config/basics/enforced.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>

#include <array>
#include <optional>

namespace gatehouse::auth::redis {

namespace {

constexpr std::size_t record_bytes = 16 * 1024; // RFC 8446, 5.1

[[nodiscard]] Failure untrusted(std::string sentence)
{
    const auto code = ERR_get_error();
    const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
    if (reason != nullptr) sentence.append(": ").append(reason);
    ERR_clear_error();
    return Failure(Trouble::untrusted, "TLS: " + sentence);
}

[[nodiscard]] bool is_ip(const std::string& host)
{
    in6_addr ignored{};
    return ::inet_pton(AF_INET, host.c_str(), &ignored) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

/// The name the certificate must be for; SNI (RFC 6066, 3) has names only.
[[nodiscard]] bool expect_name(SSL& ssl, const std::string& host)
{
    auto* const terms = SSL_get0_param(&ssl);
    X509_VERIFY_PARAM_set_hostflags(terms, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (is_ip(host)) return X509_VERIFY_PARAM_set1_ip_asc(terms, host.c_str()) == 1;
    return X509_VERIFY_PARAM_set1_host(terms, host.data(), host.size()) == 1;
}

} // namespace

void Tls::Free::operator()(SSL_CTX* context) const noexcept
{
    SSL_CTX_free(context);
}

void Tls::Free::operator()(SSL* ssl) const noexcept
{
    SSL_free(ssl);
}

Result<Tls, Failure> Tls::open(Socket& socket, const TlsFiles& files, const std::string& host,
                               Deadline deadline)
{
    ERR_clear_error();
    const auto context = context_for(files);
    if (!context) return context.error();
    auto session = session_for(**context, host);
    if (!session) return session.error();
    Tls tls(std::move(*session));
    const auto shaken = tls.shake_hands(socket, deadline);
    if (!shaken) return shaken.error();
    return tls;
}

Result<Tls::Context, Failure> Tls::context_for(const TlsFiles& files)
{
    Context context(SSL_CTX_new(TLS_client_method()));
    if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) {
        return untrusted("cannot be used");
    }
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION);
    if (enforced("redis_tls.trusted_authority")) {
        SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    }
    const auto& authorities = files.authorities;
    const int loaded = authorities.empty()
                           ? SSL_CTX_set_default_verify_paths(context.get())
                           : SSL_CTX_load_verify_file(context.get(), authorities.c_str());
    if (loaded != 1) return untrusted("cannot read the authorities in " + authorities);
    if (files.certificate.empty()) return context;
    const auto& key = files.key;
    if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1) {
        return untrusted("cannot read the certificate in " + files.certificate);
    }
    if (SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
        return untrusted("cannot use the key in " + key);
    }
    return context;
}

Result<Tls::Session, Failure> Tls::session_for(SSL_CTX& context, const std::string& host)
{
    Session session(SSL_new(&context));
    auto* const in = BIO_new(BIO_s_mem());
    auto* const out = BIO_new(BIO_s_mem());
    if (!session || in == nullptr || out == nullptr) {
        BIO_free(in);
        BIO_free(out);
        return untrusted("cannot be used");
    }
    SSL_set_bio(session.get(), in, out); // which are its own now
    SSL_set_connect_state(session.get());
    if (enforced("redis_tls.right_name") && !expect_name(*session, host)) {
        return untrusted("cannot ask for the name " + host);
    }
    if (!is_ip(host)) SSL_set_tlsext_host_name(session.get(), host.c_str());
    return session;
}

Result<void, Failure> Tls::shake_hands(Socket& socket, Deadline deadline)
{
    while (true) {
        ERR_clear_error();
        const int result = SSL_do_handshake(session_.get());
        const bool waits = SSL_get_error(session_.get(), result) == SSL_ERROR_WANT_READ;
        const auto failed =
            result == 1 || waits ? std::nullopt : std::optional(failure_after(result));
        // Also after a failure: the other side is told why.
        const auto sent = send_written(socket, deadline);
        if (failed) return *failed;
        if (!sent || result == 1) return sent;
        if (auto received = receive(socket, deadline); !received) return received;
    }
}

Result<void, Failure> Tls::write(Socket& socket, std::string_view bytes, Deadline deadline)
{
    while (!bytes.empty()) {
        ERR_clear_error();
        const auto piece = bytes.substr(0, record_bytes);
        const int result = SSL_write(session_.get(), piece.data(), static_cast<int>(piece.size()));
        if (result <= 0) return failure_after(result);
        bytes.remove_prefix(static_cast<std::size_t>(result));
        if (auto sent = send_written(socket, deadline); !sent) return sent;
    }
    return {};
}

Result<std::size_t, Failure> Tls::read(Socket& socket, std::span<char> room, Deadline deadline)
{
    while (true) {
        ERR_clear_error();
        std::size_t count = 0;
        const int result = SSL_read_ex(session_.get(), room.data(), room.size(), &count);
        if (result == 1) return count;
        if (SSL_get_error(session_.get(), result) != SSL_ERROR_WANT_READ) {
            return failure_after(result);
        }
        // An answer to a key update may be waiting to be sent (RFC 8446, 4.6.3).
        if (auto sent = send_written(socket, deadline); !sent) return sent.error();
        if (auto received = receive(socket, deadline); !received) return received.error();
    }
}

bool Tls::has_input() const noexcept
{
    return SSL_pending(session_.get()) > 0 || BIO_pending(SSL_get_rbio(session_.get())) > 0;
}

Result<void, Failure> Tls::send_written(Socket& socket, Deadline deadline)
{
    char* written = nullptr;
    auto* const out = SSL_get_wbio(session_.get());
    const auto size = BIO_get_mem_data(out, &written);
    auto sent = socket.write({written, static_cast<std::size_t>(size)}, deadline);
    BIO_reset(out);
    return sent;
}

Result<void, Failure> Tls::receive(Socket& socket, Deadline deadline)
{
    std::array<char, record_bytes> room{};
    const auto count = socket.read(room, deadline);
    if (!count) return count.error();
    BIO_write(SSL_get_rbio(session_.get()), room.data(), static_cast<int>(*count));
    return {};
}

Failure Tls::failure_after(int result) const
{
    if (SSL_get_error(session_.get(), result) == SSL_ERROR_ZERO_RETURN) {
        return Failure(Trouble::lost, "the server closed the connection");
    }
    const auto verdict = SSL_get_verify_result(session_.get());
    if (verdict != X509_V_OK) {
        ERR_clear_error();
        return untrusted(X509_verify_cert_error_string(verdict));
    }
    return untrusted("refused");
}

} // namespace gatehouse::auth::redis
