#include "auth/jose/jwk.hpp"

#include "auth/jose/base64url.hpp"
#include "auth/jose/ecdsa.hpp"
#include "auth/json/writer.hpp"
#include "config/basics/enforced.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

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

enum class Halves : std::uint8_t { of_public, of_both };

[[nodiscard]] bool is_sound(EVP_PKEY_CTX* context, Halves halves)
{
    // Off the curve, the point at infinity, an exponent of 1.
    if (EVP_PKEY_public_check(context) != 1) return false;
    if (!enforced("jose.jwk_halves_fit")) return true;
    return halves == Halves::of_public || EVP_PKEY_pairwise_check(context) == 1;
}

[[nodiscard]] Pkey from_parameters(const char* type, OSSL_PARAM_BLD* builder, Halves halves)
{
    const Params parameters(OSSL_PARAM_BLD_to_param(builder));
    const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* raw = nullptr;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &raw,
                          halves == Halves::of_both ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                          parameters.get()) != 1) {
        return nullptr;
    }
    Pkey pkey(raw);
    const PkeyContext checker(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey.get(), nullptr));
    if (!checker || !is_sound(checker.get(), halves)) return nullptr;
    return pkey;
}

[[nodiscard]] Bignum number_of(const std::string& bytes)
{
    return Bignum(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

[[nodiscard]] Pkey ec_pkey(const json::Value& jwk, Algorithm algorithm, Halves halves)
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
    Bignum secret;
    if (halves == Halves::of_both) {
        const auto d = decoded(jwk, "d");
        if (!d || d->size() != width) return nullptr;
        secret = number_of(*d);
        OSSL_PARAM_BLD_push_BN_pad(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, secret.get(), width);
    }
    return from_parameters("EC", builder.get(), halves);
}

/// The private members of an RSA key (RFC 7518, 6.3.2), all but the rare third prime.
constexpr std::pair<const char*, const char*> rsa_secrets[] = {
    {"d",  OSSL_PKEY_PARAM_RSA_D           },
    {"p",  OSSL_PKEY_PARAM_RSA_FACTOR1     },
    {"q",  OSSL_PKEY_PARAM_RSA_FACTOR2     },
    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1   },
    {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2   },
    {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
};

[[nodiscard]] Pkey rsa_pkey(const json::Value& jwk, Halves halves)
{
    const auto n = decoded(jwk, "n");
    const auto e = decoded(jwk, "e");
    constexpr std::size_t largest = 16'384 / 8; // bits nobody uses would cost seconds to verify
    const bool shaped = says(jwk, "kty", "RSA") && n && e && n->size() <= largest && e->size() <= 8;
    if (!shaped) return nullptr;
    const auto modulus = number_of(*n);
    const auto exponent = number_of(*e);
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
    std::vector<Bignum> secrets; // the builder borrows them
    for (const auto& [member, parameter] : rsa_secrets) {
        if (halves == Halves::of_public) break;
        const auto bytes = decoded(jwk, member);
        if (!bytes || bytes->size() > n->size() || jwk.find("oth") != nullptr) return nullptr;
        secrets.push_back(number_of(*bytes));
        OSSL_PARAM_BLD_push_BN(builder.get(), parameter, secrets.back().get());
    }
    return from_parameters("RSA", builder.get(), halves);
}

[[nodiscard]] Pkey ed25519_pkey(const json::Value& jwk, Halves halves)
{
    const auto x = decoded(jwk, "x");
    if (!says(jwk, "kty", "OKP") || !says(jwk, "crv", "Ed25519") || !x) return nullptr;
    if (halves == Halves::of_public) {
        return Pkey(
            EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, bytes_of(*x), x->size()));
    }
    const auto d = decoded(jwk, "d");
    if (!d) return nullptr;
    Pkey pkey(
        EVP_PKEY_new_raw_private_key_ex(nullptr, "ED25519", nullptr, bytes_of(*d), d->size()));
    if (!pkey) return nullptr;
    // Its public half is computed, not read: what was written must be that.
    const bool fits = ed25519_text(*pkey) == encode_base64url(*x);
    if (enforced("jose.jwk_okp_halves_fit") && !fits) return nullptr;
    return pkey;
}

[[nodiscard]] Pkey pkey_of(const json::Value& jwk, Algorithm algorithm, Halves halves)
{
    switch (algorithm) {
    case Algorithm::es256:
    case Algorithm::es384:
        return ec_pkey(jwk, algorithm, halves);
    case Algorithm::rs256:
    case Algorithm::rs384:
    case Algorithm::rs512:
    case Algorithm::ps256:
    case Algorithm::ps384:
    case Algorithm::ps512:
        return rsa_pkey(jwk, halves);
    case Algorithm::eddsa:
        return ed25519_pkey(jwk, halves);
    case Algorithm::hs256:
        break; // a shared secret has no halves
    }
    return nullptr;
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
    case Algorithm::rs384:
    case Algorithm::rs512:
    case Algorithm::ps256:
    case Algorithm::ps384:
    case Algorithm::ps512:
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
    auto pkey = pkey_of(jwk, algorithm, Halves::of_public);
    if (pkey) return pkey;
    return KeyError("the JWK is no valid public key for " + std::string(to_string(algorithm)));
}

Result<Pkey, KeyError> private_pkey(const json::Value& jwk, Algorithm algorithm)
{
    if (jwk.find("d") == nullptr) {
        return KeyError("the JWK has no private half (`d`)");
    }
    auto pkey = pkey_of(jwk, algorithm, Halves::of_both);
    if (pkey) return pkey;
    return KeyError("the JWK is no valid private key for " + std::string(to_string(algorithm)) +
                    ": a member is missing, or they do not belong together");
}

} // namespace gatehouse::auth::jose
