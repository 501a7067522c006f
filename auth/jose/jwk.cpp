#include "auth/jose/jwk.hpp"

#include "auth/jose/base64url.hpp"
#include "auth/jose/ecdsa.hpp"
#include "auth/json/writer.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <optional>

namespace gatehouse::auth::jose {

namespace {

template <class T, auto free>
struct Freed {
    void operator()(T* object) const noexcept { free(object); }
};

template <class T, auto free>
using Owned = std::unique_ptr<T, Freed<T, free>>;

using Bignum = Owned<BIGNUM, BN_free>;
using ParamBuilder = Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Params = Owned<OSSL_PARAM, OSSL_PARAM_free>;
using PkeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;

[[nodiscard]] const unsigned char* bytes_of(std::string_view text) noexcept
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// A number of the key as base64url; `width` 0: as short as it goes (RFC 7518, 2, Base64urlUInt).
[[nodiscard]] std::string number_text(const EVP_PKEY& pkey, const char* parameter,
                                      std::size_t width)
{
    BIGNUM* raw = nullptr;
    if (EVP_PKEY_get_bn_param(&pkey, parameter, &raw) != 1) std::abort(); // every such key has it
    const Bignum number(raw);
    const auto size = width == 0 ? static_cast<std::size_t>(BN_num_bytes(number.get())) : width;
    std::string bytes(size, '\0');
    BN_bn2binpad(number.get(), reinterpret_cast<unsigned char*>(bytes.data()),
                 static_cast<int>(size));
    return encode_base64url(bytes);
}

[[nodiscard]] std::string ed25519_text(const EVP_PKEY& pkey)
{
    std::array<unsigned char, 32> raw{};
    auto size = raw.size();
    if (EVP_PKEY_get_raw_public_key(&pkey, raw.data(), &size) != 1) std::abort();
    return encode_base64url({reinterpret_cast<const char*>(raw.data()), size});
}

[[nodiscard]] std::string_view curve_name(Algorithm algorithm) noexcept
{
    return algorithm == Algorithm::es384 ? "P-384" : "P-256";
}

[[nodiscard]] std::optional<std::string> decoded(const json::Value& jwk, std::string_view name)
{
    const auto* text = jwk.find_string(name);
    return text == nullptr ? std::nullopt : decode_base64url(*text);
}

[[nodiscard]] bool says(const json::Value& jwk, std::string_view name, std::string_view expected)
{
    const auto* text = jwk.find_string(name);
    return text != nullptr && *text == expected;
}

[[nodiscard]] Pkey from_parameters(const char* type, OSSL_PARAM_BLD* builder)
{
    const Params parameters(OSSL_PARAM_BLD_to_param(builder));
    const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* raw = nullptr;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &raw, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
        return nullptr;
    }
    Pkey pkey(raw);
    // Off the curve, the point at infinity, an exponent of 1.
    const PkeyContext checker(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey.get(), nullptr));
    if (!checker || EVP_PKEY_public_check(checker.get()) != 1) return nullptr;
    return pkey;
}

[[nodiscard]] Pkey ec_pkey(const json::Value& jwk, Algorithm algorithm)
{
    const auto x = decoded(jwk, "x");
    const auto y = decoded(jwk, "y");
    const auto width = ecdsa_number_bytes(algorithm);
    const bool shaped = says(jwk, "kty", "EC") && says(jwk, "crv", curve_name(algorithm)) && x &&
                        y && x->size() == width && y->size() == width;
    if (!shaped) return nullptr;
    const std::string point = "\x04" + *x + *y; // uncompressed (SEC 1, 2.3.3)
    const char* group = algorithm == Algorithm::es384 ? "secp384r1" : "prime256v1";
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                     point.size());
    return from_parameters("EC", builder.get());
}

[[nodiscard]] Pkey rsa_pkey(const json::Value& jwk)
{
    const auto n = decoded(jwk, "n");
    const auto e = decoded(jwk, "e");
    constexpr std::size_t largest = 16'384 / 8; // bits nobody uses would cost seconds to verify
    const bool shaped = says(jwk, "kty", "RSA") && n && e && n->size() <= largest && e->size() <= 8;
    if (!shaped) return nullptr;
    const Bignum modulus(BN_bin2bn(bytes_of(*n), static_cast<int>(n->size()), nullptr));
    const Bignum exponent(BN_bin2bn(bytes_of(*e), static_cast<int>(e->size()), nullptr));
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
    return from_parameters("RSA", builder.get());
}

[[nodiscard]] Pkey ed25519_pkey(const json::Value& jwk)
{
    const auto x = decoded(jwk, "x");
    if (!says(jwk, "kty", "OKP") || !says(jwk, "crv", "Ed25519") || !x) return nullptr;
    return Pkey(
        EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, bytes_of(*x), x->size()));
}

} // namespace

std::string required_members(const EVP_PKEY& pkey, Algorithm algorithm)
{
    std::string out;
    json::Writer w(out);
    w.begin_object();
    switch (algorithm) {
    case Algorithm::es256:
    case Algorithm::es384: {
        const auto width = ecdsa_number_bytes(algorithm);
        w.member("crv", curve_name(algorithm));
        w.member("kty", "EC");
        w.member("x", number_text(pkey, OSSL_PKEY_PARAM_EC_PUB_X, width));
        w.member("y", number_text(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, width));
        break;
    }
    case Algorithm::rs256:
    case Algorithm::ps256:
        w.member("e", number_text(pkey, OSSL_PKEY_PARAM_RSA_E, 0));
        w.member("kty", "RSA");
        w.member("n", number_text(pkey, OSSL_PKEY_PARAM_RSA_N, 0));
        break;
    case Algorithm::eddsa:
        w.member("crv", "Ed25519");
        w.member("kty", "OKP");
        w.member("x", ed25519_text(pkey));
        break;
    case Algorithm::hs256:
        std::abort(); // has no public half
    }
    w.end_object();
    return out;
}

std::string required_members(const Secret& secret)
{
    return R"({"k":")" + encode_base64url(secret.reveal()) + R"(","kty":"oct"})";
}

std::string thumbprint(std::string_view required_members)
{
    std::array<unsigned char, 32> digest{};
    unsigned size = 0;
    if (EVP_Digest(required_members.data(), required_members.size(), digest.data(), &size, sha256(),
                   nullptr) != 1) {
        std::abort(); // out of memory
    }
    return encode_base64url({reinterpret_cast<const char*>(digest.data()), size});
}

Result<Pkey, KeyError> public_pkey(const json::Value& jwk, Algorithm algorithm)
{
    Pkey pkey;
    switch (algorithm) {
    case Algorithm::es256:
    case Algorithm::es384:
        pkey = ec_pkey(jwk, algorithm);
        break;
    case Algorithm::rs256:
    case Algorithm::ps256:
        pkey = rsa_pkey(jwk);
        break;
    case Algorithm::eddsa:
        pkey = ed25519_pkey(jwk);
        break;
    case Algorithm::hs256:
        break; // a shared secret is not public
    }
    if (!pkey) {
        return KeyError("the JWK is no valid public key for " + std::string(to_string(algorithm)));
    }
    return pkey;
}

} // namespace gatehouse::auth::jose
