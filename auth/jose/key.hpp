#pragma once

#include "auth/jose/algorithm.hpp"
#include "auth/json/value.hpp"
#include "config/basics/result.hpp"
#include "config/basics/secret.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::auth::jose {

/// What is wrong with a key, as a sentence for the operator. Never holds key material.
struct KeyError {
    std::string message;
    /// Nothing is wrong with a key: where it is kept does not answer, or is just being changed.
    bool try_again = false;

    explicit KeyError(std::string text = {}) : message(std::move(text)) {}
};

class HmacSecret;

struct PkeyDeleter {
    void operator()(EVP_PKEY* pkey) const noexcept;
};

using Pkey = std::unique_ptr<EVP_PKEY, PkeyDeleter>;

/// A key and the one algorithm it is for: what a token says about its algorithm never chooses how
/// it is checked (RFC 8725, 3.1). Immutable; sign and verify are safe from any thread.
class Key {
public:
    using Pointer = std::shared_ptr<const Key>;

    /// A new random key. RSA keys get 2048 bits, HS256 ones 256.
    [[nodiscard]] static Pointer generate(Algorithm algorithm);
    /// From PKCS #8 PEM. Refused: another type of key, another curve, RSA below 2048 bits.
    [[nodiscard]] static Result<Pointer, KeyError> from_private_pem(Algorithm algorithm,
                                                                    std::string_view pem);
    /// The same for the algorithm that such a key is for; an RSA key, which does for two, is for
    /// `preferred` if that is one of them. For keys that others made: refused are also halves that
    /// do not belong together, and the error says what is there instead of a key.
    [[nodiscard]] static Result<Pointer, KeyError> from_foreign_pem(const Secret& pem,
                                                                    Algorithm preferred);
    /// From a JWK with private members, by the same rules; an `alg` in it decides. Refused are also
    /// a `use` or `key_ops` that is not for signing, and symmetric keys.
    [[nodiscard]] static Result<Pointer, KeyError> from_foreign_jwk(const json::Value& jwk,
                                                                    Algorithm preferred);
    /// From the public members of a JWK (RFC 7517) that names its `alg`; private ones are ignored.
    /// A `kid` in it is kept. Refused: points off the curve, and what from_private_pem refuses.
    [[nodiscard]] static Result<Pointer, KeyError> from_public_jwk(const json::Value& jwk);

    /// The same for this algorithm, whatever the JWK says of it.
    [[nodiscard]] static Result<Pointer, KeyError> from_public_jwk(const json::Value& jwk,
                                                                   Algorithm algorithm);

    /// A public key that OpenSSL has read already, by the rules of from_private_pem.
    [[nodiscard]] static Result<Pointer, KeyError> from_public(Algorithm algorithm, Pkey pkey)
    {
        return checked(algorithm, std::move(pkey));
    }

    /// HS256 under these bytes; at least 32 of them (RFC 7518, 3.2).
    [[nodiscard]] static Result<Pointer, KeyError> from_secret(const Secret& secret);

    ~Key();
    Key(const Key&) = delete;
    Key& operator=(const Key&) = delete;

    [[nodiscard]] Algorithm algorithm() const noexcept { return algorithm_; }

    /// The first 16 characters of the RFC 7638 thumbprint: 96 bits, the same in every process.
    [[nodiscard]] const std::string& kid() const noexcept { return kid_; }

    /// Every signature of this key has exactly this many bytes.
    [[nodiscard]] std::size_t signature_bytes() const noexcept { return signature_bytes_; }

    /// The JWS signature of `input` (RFC 7518: ES* as r||s). Only for keys with a private half.
    [[nodiscard]] std::string sign(std::string_view input) const;
    [[nodiscard]] bool verify(std::string_view input, std::string_view signature) const noexcept;

    /// The public JWK as JSON text, with kid, alg and use; empty for HS256.
    [[nodiscard]] std::string public_jwk() const;
    /// PKCS #8 PEM, or the base64url of an HS256 secret: for the key file and nobody else.
    [[nodiscard]] Secret private_text() const;

private:
    Key(Algorithm algorithm, Pkey pkey);
    explicit Key(const Secret& secret);
    [[nodiscard]] static Result<Pointer, KeyError> checked(Algorithm algorithm, Pkey pkey);
    [[nodiscard]] static Result<Pointer, KeyError> fitting(Pkey pkey, Algorithm preferred);
    [[nodiscard]] bool verify_public(std::string_view input, std::string_view signature) const;

    Algorithm algorithm_;
    Pkey pkey_; // null for HS256
    std::unique_ptr<const HmacSecret> hmac_;
    std::size_t signature_bytes_ = 0;
    std::string kid_;
};

} // namespace gatehouse::auth::jose
