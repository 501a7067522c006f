#include "auth/jose/jwk.hpp"
#include "auth/jose/key.hpp"
#include "config/basics/enforced.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <memory>

// Keys that somebody else made: what they may be, and what to say of the others.
namespace gatehouse::auth::jose {

namespace {

constexpr auto wanted = "wanted is an EC key on P-256 or P-384, Ed25519, or RSA of at least 2048 "
                        "bits";

struct BioDeleter {
    void operator()(BIO* bio) const noexcept { BIO_free_all(bio); }
};

struct ContextDeleter {
    void operator()(EVP_PKEY_CTX* context) const noexcept { EVP_PKEY_CTX_free(context); }
};

int no_passphrase(char*, int, int, void*) noexcept
{
    return -1;
}

/// Why there is no private key in this text.
[[nodiscard]] KeyError absence_of_key(std::string_view pem)
{
    const auto has = [&](std::string_view words) { return pem.find(words) != pem.npos; };
    if (has("BEGIN ENCRYPTED PRIVATE KEY") || has("Proc-Type: 4,ENCRYPTED")) {
        return KeyError("the private key is encrypted; decrypt it with: openssl pkey");
    }
    if (has("BEGIN PUBLIC KEY") || has("BEGIN RSA PUBLIC KEY")) {
        return KeyError("this is the public half; the private key is needed");
    }
    if (has("BEGIN CERTIFICATE")) {
        return KeyError("this is a certificate; the private key that belongs to it is needed");
    }
    return KeyError("there is no private key in it that can be read, as PEM or as a JWK");
}

[[nodiscard]] bool is_a(const EVP_PKEY& pkey, const char* type)
{
    return EVP_PKEY_is_a(&pkey, type) == 1;
}

[[nodiscard]] std::string curve_of(const EVP_PKEY& pkey)
{
    std::array<char, 64> name{};
    std::size_t size = 0;
    if (EVP_PKEY_get_utf8_string_param(&pkey, OSSL_PKEY_PARAM_GROUP_NAME, name.data(), name.size(),
                                       &size) != 1) {
        return "unknown";
    }
    return {name.data(), size};
}

[[nodiscard]] Algorithm of_rsa(Algorithm preferred)
{
    return preferred == Algorithm::ps256 ? Algorithm::ps256 : Algorithm::rs256;
}

[[nodiscard]] Result<Algorithm, KeyError> algorithm_of(const EVP_PKEY& pkey, Algorithm preferred)
{
    if (is_a(pkey, "RSA")) return of_rsa(preferred);
    if (is_a(pkey, "ED25519")) return Algorithm::eddsa;
    if (!is_a(pkey, "EC")) {
        return KeyError(std::string("a key of this type signs no tokens; ") + wanted);
    }
    const auto curve = curve_of(pkey);
    if (curve == "prime256v1") return Algorithm::es256;
    if (curve == "secp384r1") return Algorithm::es384;
    return KeyError("the key is on the curve " + curve + "; " + wanted);
}

/// What a JWK says it is for, or what its type and curve leave it to be.
[[nodiscard]] Result<Algorithm, KeyError> algorithm_of(const json::Value& jwk, Algorithm preferred)
{
    const auto* type = jwk.find_string("kty");
    if (type != nullptr && *type == "oct") {
        return KeyError("the JWK is a symmetric key; secrets for HS256 come from the environment");
    }
    if (const auto* name = jwk.find("alg"); name != nullptr) {
        const auto known =
            name->string() == nullptr ? std::nullopt : parse_algorithm(*name->string());
        if (known && *known != Algorithm::hs256) return *known;
        return KeyError(std::string("the JWK is for an algorithm (`alg`) that is not supported; ") +
                        wanted);
    }
    const auto* curve = jwk.find_string("crv");
    if (type != nullptr && *type == "RSA") return of_rsa(preferred);
    if (curve != nullptr && *curve == "P-256") return Algorithm::es256;
    if (curve != nullptr && *curve == "P-384") return Algorithm::es384;
    if (curve != nullptr && *curve == "Ed25519") return Algorithm::eddsa;
    return KeyError(std::string("the JWK is of another type (`kty`, `crv`); ") + wanted);
}

[[nodiscard]] bool may_sign(const json::Value& jwk)
{
    const auto* use = jwk.find("use");
    if (use != nullptr && (use->string() == nullptr || *use->string() != "sig")) return false;
    const auto* operations = jwk.find("key_ops");
    if (operations == nullptr) return true;
    const auto* list = operations->array();
    return list != nullptr && std::ranges::any_of(*list, [](const auto& each) {
               return each.string() != nullptr && *each.string() == "sign";
           });
}

} // namespace

Result<Key::Pointer, KeyError> Key::fitting(Pkey pkey, Algorithm preferred)
{
    const auto algorithm = algorithm_of(*pkey, preferred);
    if (!algorithm) return algorithm.error();
    auto key = checked(*algorithm, std::move(pkey));
    if (!key) return key;
    const std::unique_ptr<EVP_PKEY_CTX, ContextDeleter> context(
        EVP_PKEY_CTX_new_from_pkey(nullptr, (*key)->pkey_.get(), nullptr));
    const bool sound = context && EVP_PKEY_pairwise_check(context.get()) == 1;
    ERR_clear_error();
    if (enforced("jose.pem_halves_fit") && !sound) {
        return KeyError("the halves of the key do not belong together");
    }
    return key;
}

Result<Key::Pointer, KeyError> Key::from_foreign_pem(const Secret& pem, Algorithm preferred)
{
    const auto text = pem.reveal();
    const std::unique_ptr<BIO, BioDeleter> bio(
        BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    Pkey pkey(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
    ERR_clear_error();
    if (!pkey) return absence_of_key(text);
    return fitting(std::move(pkey), preferred);
}

Result<Key::Pointer, KeyError> Key::from_foreign_jwk(const json::Value& jwk, Algorithm preferred)
{
    if (enforced("jose.jwk_for_signing") && !may_sign(jwk)) {
        return KeyError("the JWK is not for signing (`use`, `key_ops`)");
    }
    const auto algorithm = algorithm_of(jwk, preferred);
    if (!algorithm) return algorithm.error();
    auto pkey = private_pkey(jwk, *algorithm);
    ERR_clear_error();
    if (!pkey) return pkey.error();
    return checked(*algorithm, *std::move(pkey));
}

} // namespace gatehouse::auth::jose
