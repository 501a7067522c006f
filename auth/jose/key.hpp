#pragma once

#include "auth/json/value.hpp"
#include "config/basics/result.hpp"
#include "config/basics/secret.hpp"
#include "config/settings/identity.hpp"

#include <memory>
#include <string>
#include <string_view>

using EVP_PKEY = struct evp_pkey_st; // <openssl/types.h>, kept out of this header

namespace gatehouse::auth::jose {

using config::Algorithm;

/// The `alg` value of RFC 7518 (3.1) and RFC 8037: "ES256", "EdDSA".
[[nodiscard]] std::string_view to_string(Algorithm algorithm) noexcept;
/// Exactly those names; `none`, other cases and everything else are nothing.
[[nodiscard]] std::optional<Algorithm> parse_algorithm(std::string_view name) noexcept;

/// What is wrong with a key, as a sentence for the operator. Never holds key material.
struct KeyError {
    std::string message;

    explicit KeyError(std::string text) : message(std::move(text)) {}
};

class HmacSecret;

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
    /// From the public members of a JWK (RFC 7517) whose `alg` is named; private ones are ignored.
    [[nodiscard]] static Result<Pointer, KeyError> from_public_jwk(const json::Value& jwk);
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
    struct PkeyDeleter {
        void operator()(EVP_PKEY* pkey) const noexcept;
    };

    using Pkey = std::unique_ptr<EVP_PKEY, PkeyDeleter>;

    Key(Algorithm algorithm, Pkey pkey);
    explicit Key(const Secret& secret);
    [[nodiscard]] static Result<Pointer, KeyError> checked(Algorithm algorithm, Pkey pkey);

    Algorithm algorithm_;
    Pkey pkey_; // null for HS256
    std::unique_ptr<const HmacSecret> hmac_;
    std::size_t signature_bytes_ = 0;
    std::string kid_;
};

} // namespace gatehouse::auth::jose
