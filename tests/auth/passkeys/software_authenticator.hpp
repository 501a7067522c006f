#pragma once

#include "auth/jose/base64url.hpp"
#include "auth/jose/ecdsa.hpp"
#include "auth/jose/key.hpp"
#include "auth/json/reader.hpp"
#include "auth/passkeys/ceremony.hpp"
#include "tests/auth/passkeys/cbor_writer.hpp"

#include <sodium.h>

#include <functional>
#include <string>
#include <string_view>

namespace gatehouse::auth::passkeys::test {

inline std::string sha256(std::string_view bytes)
{
    std::string digest(crypto_hash_sha256_BYTES, '\0');
    ::crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                         reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    return digest;
}

/// What a browser says of the page. Members are changed by tests that lie.
struct Page {
    std::string type;
    std::string challenge = "challenge-0123456789abcdef";
    std::string origin = "https://login.example.com";
    std::string more; // `,"crossOrigin":true`

    [[nodiscard]] std::string client_data() const
    {
        return R"({"type":")" + type + R"(","challenge":")" + jose::encode_base64url(challenge) +
               R"(","origin":")" + origin + "\"" + more + "}";
    }
};

/// An authenticator of software with one credential, as honest as a test lets it be.
class SoftwareAuthenticator {
public:
    explicit SoftwareAuthenticator(jose::Algorithm algorithm = jose::Algorithm::es256)
        : key_(jose::Key::generate(algorithm))
    {
    }

    std::string rp_id = "example.com";
    std::string id = "credential-id-16";
    std::string aaguid = std::string(16, '\0');
    unsigned flags = 0x45; // present, verified, and with a credential
    std::uint32_t count = 1;
    std::string extensions;
    std::string trailing;

    [[nodiscard]] const jose::Key& key() const noexcept { return *key_; }

    [[nodiscard]] std::string member(std::string_view name) const
    {
        const auto jwk = json::read(key_->public_jwk());
        return *jose::decode_base64url(*jwk->find_string(name));
    }

    [[nodiscard]] std::string cose_key() const
    {
        namespace w = auth::test::cbor;
        using w::integer;
        switch (key_->algorithm()) {
        case jose::Algorithm::rs256:
            return w::map({
                {integer(1),  integer(3)           },
                {integer(3),  integer(-257)        },
                {integer(-1), w::bytes(member("n"))},
                {integer(-2), w::bytes(member("e"))}
            });
        case jose::Algorithm::eddsa:
            return w::map({
                {integer(1),  integer(1)           },
                {integer(3),  integer(-8)          },
                {integer(-1), integer(6)           },
                {integer(-2), w::bytes(member("x"))}
            });
        default:
            return w::map({
                {integer(1),  integer(2)           },
                {integer(3),  integer(-7)          },
                {integer(-1), integer(1)           },
                {integer(-2), w::bytes(member("x"))},
                {integer(-3), w::bytes(member("y"))}
            });
        }
    }

    /// With the credential where the flags say so.
    [[nodiscard]] std::string data() const
    {
        auto out = sha256(rp_id) + static_cast<char>(flags);
        for (int shift = 24; shift >= 0; shift -= 8)
            out += static_cast<char>(count >> shift & 0xFFU);
        if ((flags & 0x40U) != 0) {
            out += aaguid;
            out += static_cast<char>(id.size() >> 8U);
            out += static_cast<char>(id.size() & 0xFFU);
            out += id + cose_key();
        }
        return out + extensions + trailing;
    }

    /// As authenticators write it: in DER for ES256.
    [[nodiscard]] static std::string sign(const jose::Key& key, std::string_view input)
    {
        const auto signature = key.sign(input);
        if (key.algorithm() != jose::Algorithm::es256) return signature;
        return *jose::ecdsa_to_der(key.algorithm(), signature);
    }

    [[nodiscard]] std::string attestation_object(std::string_view format,
                                                 const std::string& statement) const
    {
        namespace w = auth::test::cbor;
        return w::map({
            {w::text("fmt"),      w::text(format) },
            {w::text("attStmt"),  statement       },
            {w::text("authData"), w::bytes(data())}
        });
    }

    [[nodiscard]] std::string unattested() const
    {
        return attestation_object("none", auth::test::cbor::map({}));
    }

    [[nodiscard]] std::string assertion(std::string_view client_data) const
    {
        return sign(*key_, data() + sha256(client_data));
    }

private:
    jose::Key::Pointer key_;
};

} // namespace gatehouse::auth::passkeys::test
