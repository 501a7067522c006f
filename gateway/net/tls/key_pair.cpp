#include "gateway/net/tls/key_pair.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <utility>

namespace gatehouse::gateway {
namespace {

struct FreeBio {
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};

using Bio = std::unique_ptr<BIO, FreeBio>;

struct FreeStack {
    void operator()(STACK_OF(X509) * stack) const noexcept
    {
        sk_X509_free(stack);
    } // not its members
};

using Stack = std::unique_ptr<STACK_OF(X509), FreeStack>;

Bio open(std::string_view text)
{
    return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// Nobody sits at the console: a key with a passphrase is refused instead of asked for.
int no_passphrase(char*, int, int, void*)
{
    return -1;
}

bool is_end_of_pem(unsigned long code) noexcept
{
    return ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
}

} // namespace

void FreeX509::operator()(X509* certificate) const noexcept
{
    X509_free(certificate);
}

void FreeX509::operator()(EVP_PKEY* key) const noexcept
{
    EVP_PKEY_free(key);
}

std::string take_openssl_reason()
{
    const auto code = ERR_peek_error();
    const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    std::string words = reason == nullptr ? "OpenSSL gives no reason" : reason;
    ERR_clear_error();
    return words;
}

Result<std::vector<X509Ptr>, std::string> read_certificates(std::string_view pem)
{
    ERR_clear_error();
    std::vector<X509Ptr> all;
    const auto text = open(pem);
    for (;;) {
        X509Ptr next(PEM_read_bio_X509(text.get(), nullptr, no_passphrase, nullptr));
        if (!next) break;
        all.push_back(std::move(next));
    }
    if (!is_end_of_pem(ERR_peek_last_error())) {
        const auto reason = take_openssl_reason();
        return fmt::format("certificate {} cannot be read: {}", all.size() + 1, reason);
    }
    ERR_clear_error();
    if (all.empty()) return std::string("there is no certificate in it (PEM is expected)");
    return all;
}

KeyPair::KeyPair(std::vector<X509Ptr> chain, PrivateKeyPtr key) noexcept
    : chain_(std::move(chain)),
      key_(std::move(key))
{
}

Result<KeyPair, std::string> KeyPair::read(std::string_view chain_pem, std::string_view key_pem)
{
    auto chain = read_certificates(chain_pem);
    if (!chain) return chain.error();
    const auto text = open(key_pem);
    PrivateKeyPtr key(PEM_read_bio_PrivateKey(text.get(), nullptr, no_passphrase, nullptr));
    if (!key) {
        return "the key cannot be read (PEM without a passphrase is expected): " +
               take_openssl_reason();
    }
    if (X509_check_private_key(chain->front().get(), key.get()) != 1) {
        ERR_clear_error();
        return std::string("the key does not belong to the certificate");
    }
    return KeyPair(*std::move(chain), std::move(key));
}

Result<void, std::string> KeyPair::install(SSL_CTX& context) const
{
    ERR_clear_error();
    const Stack others(sk_X509_new_null());
    for (std::size_t i = 1; others && i < chain_.size(); ++i) {
        sk_X509_push(others.get(), chain_[i].get());
    }
    constexpr int replace = 1;
    if (SSL_CTX_use_cert_and_key(&context, chain_.front().get(), key_.get(), others.get(),
                                 replace) != 1) {
        return take_openssl_reason();
    }
    return {};
}

} // namespace gatehouse::gateway
