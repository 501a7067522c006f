#pragma once

#include "config/basics/result.hpp"

#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

struct FreeX509 {
    void operator()(X509* certificate) const noexcept;
    void operator()(EVP_PKEY* key) const noexcept;
};

using X509Ptr = std::unique_ptr<X509, FreeX509>;
using PrivateKeyPtr = std::unique_ptr<EVP_PKEY, FreeX509>;

/// All certificates in a PEM text, in its order. Error: a sentence that says which one is none.
[[nodiscard]] Result<std::vector<X509Ptr>, std::string> read_certificates(std::string_view pem);

/// A certificate, those that lead from it to an authority, and the key that belongs to it.
class KeyPair {
public:
    /// `chain_pem`: the certificate first, then the others. Error: a sentence for the operator.
    [[nodiscard]] static Result<KeyPair, std::string> read(std::string_view chain_pem,
                                                           std::string_view key_pem);

    [[nodiscard]] X509& certificate() const noexcept { return *chain_.front(); }

    /// For one more key type beside those it has. Error: a sentence.
    [[nodiscard]] Result<void, std::string> install(SSL_CTX& context) const;

private:
    KeyPair(std::vector<X509Ptr> chain, PrivateKeyPtr key) noexcept;

    std::vector<X509Ptr> chain_;
    PrivateKeyPtr key_;
};

/// What OpenSSL has to say of its last failure, which it then forgets; never empty.
[[nodiscard]] std::string take_openssl_reason();

} // namespace gatehouse::gateway
