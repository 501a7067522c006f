#include "gateway/net/tls/client_terms.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/net/tls/context_data.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <utility>

namespace gatehouse::gateway {
namespace {

struct FreeVerifier {
    void operator()(X509_STORE_CTX* verifier) const noexcept { X509_STORE_CTX_free(verifier); }
};

/// As a handshake would.
bool is_verified(const SSL& ssl, X509* certificate, SSL_CTX& by)
{
    const std::unique_ptr<X509_STORE_CTX, FreeVerifier> verifier(X509_STORE_CTX_new());
    auto* const raw = verifier.get();
    if (raw == nullptr) return false;
    auto* const chain = SSL_get_peer_cert_chain(&ssl);
    bool good = X509_STORE_CTX_init(raw, SSL_CTX_get_cert_store(&by), certificate, chain) == 1 &&
                X509_STORE_CTX_set_default(raw, "ssl_client") == 1;
    if (good) {
        X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(raw),
                                         SSL_CTX_get_security_level(&by));
        good = X509_verify_cert(raw) == 1;
    }
    ERR_clear_error();
    return good;
}

} // namespace

void give_client_terms(SSL_CTX& context, std::shared_ptr<const ClientTerms> terms)
{
    ContextData<const ClientTerms>::give(context, std::move(terms));
}

const ClientTerms* client_terms_of(const SSL_CTX* context) noexcept
{
    return context == nullptr ? nullptr : ContextData<const ClientTerms>::of(context);
}

const ClientTerms* client_terms_of(const SSL& ssl) noexcept
{
    return client_terms_of(SSL_get_SSL_CTX(&ssl));
}

bool would_be_let_in(const SSL& ssl, SSL_CTX* now)
{
    const auto* const then = client_terms_of(ssl);
    if (then == nullptr || !enforced("tls.trust_withdrawn")) return true;
    const auto* const wanted = client_terms_of(now);
    if (wanted == nullptr) return !then->asks;
    if (wanted->digest == then->digest) return true;
    auto* const certificate = SSL_get0_peer_certificate(&ssl);
    if (certificate == nullptr) return !wanted->requires_one;
    return wanted->asks && is_verified(ssl, certificate, *now);
}

} // namespace gatehouse::gateway
