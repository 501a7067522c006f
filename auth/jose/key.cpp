#include "auth/jose/key.hpp"

#include "auth/jose/base64url.hpp"
#include "auth/jose/ecdsa.hpp"
#include "auth/jose/hmac.hpp"
#include "auth/jose/jwk.hpp"
#include "auth/json/writer.hpp"
#include "config/basics/enforced.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <sys/random.h>

#include <array>
#include <cstdlib>

namespace gatehouse::auth::jose {

namespace {

constexpr std::size_t kid_characters = 16;
constexpr std::size_t least_secret_bytes = 32; // RFC 7518, 3.2: as long as the hash
constexpr int least_rsa_bits = 2048;           // RFC 7518, 3.3

struct ContextDeleter {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

using DigestContext = std::unique_ptr<EVP_MD_CTX, ContextDeleter>;

struct BioDeleter {
    void operator()(BIO* bio) const noexcept { BIO_free_all(bio); }
};

using Bio = std::unique_ptr<BIO, BioDeleter>;

[[nodiscard]] const unsigned char* bytes_of(std::string_view text) noexcept
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

[[nodiscard]] Pkey generate_pkey(Algorithm algorithm)
{
    switch (algorithm) {
    case Algorithm::es256:
        return Pkey(EVP_EC_gen("P-256"));
    case Algorithm::es384:
        return Pkey(EVP_EC_gen("P-384"));
    case Algorithm::rs256:
    case Algorithm::rs384:
    case Algorithm::rs512:
    case Algorithm::ps256:
    case Algorithm::ps384:
    case Algorithm::ps512:
        return Pkey(EVP_RSA_gen(static_cast<unsigned>(least_rsa_bits)));
    case Algorithm::eddsa:
        return Pkey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    case Algorithm::hs256:
        break;
    }
    return nullptr;
}

[[nodiscard]] bool is_on_curve(const EVP_PKEY& pkey, std::string_view curve)
{
    std::array<char, 32> name{};
    std::size_t size = 0;
    return EVP_PKEY_is_a(&pkey, "EC") == 1 &&
           EVP_PKEY_get_utf8_string_param(&pkey, OSSL_PKEY_PARAM_GROUP_NAME, name.data(),
                                          name.size(), &size) == 1 &&
           std::string_view(name.data(), size) == curve;
}

/// Null when this key is one for this algorithm, else what is wrong with it.
[[nodiscard]] const char* misfit(const EVP_PKEY& pkey, Algorithm algorithm)
{
    switch (algorithm) {
    case Algorithm::es256:
        return is_on_curve(pkey, "prime256v1") ? nullptr : "is not on P-256";
    case Algorithm::es384:
        return is_on_curve(pkey, "secp384r1") ? nullptr : "is not on P-384";
    case Algorithm::rs256:
    case Algorithm::rs384:
    case Algorithm::rs512:
    case Algorithm::ps256:
    case Algorithm::ps384:
    case Algorithm::ps512:
        if (EVP_PKEY_is_a(&pkey, "RSA") != 1) return "is no RSA key";
        if (enforced("jose.rsa_bits") && EVP_PKEY_get_bits(&pkey) < least_rsa_bits) {
            return "has fewer than 2048 bits";
        }
        return nullptr;
    case Algorithm::eddsa:
        return EVP_PKEY_is_a(&pkey, "ED25519") == 1 ? nullptr : "is no Ed25519 key";
    case Algorithm::hs256:
        break;
    }
    return "has no such half";
}

[[nodiscard]] bool use_pss(Algorithm algorithm, EVP_PKEY_CTX* context)
{
    if (!is_pss(algorithm)) return true;
    // RFC 7518, 3.5: the salt is as long as the hash. Exactly, also when verifying.
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

[[nodiscard]] bool is_ecdsa(Algorithm algorithm) noexcept
{
    return algorithm == Algorithm::es256 || algorithm == Algorithm::es384;
}

/// OpenSSL asks on the terminal when a PEM file is encrypted and nobody else gives a passphrase.
int no_passphrase(char*, int, int, void*) noexcept
{
    return -1;
}

} // namespace

void PkeyDeleter::operator()(EVP_PKEY* pkey) const noexcept
{
    EVP_PKEY_free(pkey);
}

Key::Key(Algorithm algorithm, Pkey pkey)
    : algorithm_(algorithm),
      pkey_(std::move(pkey)),
      signature_bytes_(is_ecdsa(algorithm) ? 2 * ecdsa_number_bytes(algorithm)
                                           : static_cast<std::size_t>(EVP_PKEY_get_size(&*pkey_))),
      kid_(thumbprint(required_members(*pkey_, algorithm)).substr(0, kid_characters))
{
}

Key::Key(const Secret& secret)
    : algorithm_(Algorithm::hs256),
      hmac_(std::make_unique<HmacSecret>(secret)),
      signature_bytes_(HmacSecret::mac_bytes),
      kid_(thumbprint(required_members(secret)).substr(0, kid_characters))
{
}

Key::~Key() = default;

Key::Pointer Key::generate(Algorithm algorithm)
{
    if (algorithm == Algorithm::hs256) {
        std::string bytes(least_secret_bytes, '\0');
        if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
            std::abort(); // up to 256 bytes are all or nothing
        }
        return Pointer(new Key(Secret(std::move(bytes))));
    }
    auto pkey = generate_pkey(algorithm);
    if (!pkey) std::abort(); // no memory or no randomness: there is nothing to go on with
    return Pointer(new Key(algorithm, std::move(pkey)));
}

Result<Key::Pointer, KeyError> Key::checked(Algorithm algorithm, Pkey pkey)
{
    if (const char* problem = misfit(*pkey, algorithm); problem != nullptr) {
        return KeyError("the key for " + std::string(to_string(algorithm)) + " " + problem);
    }
    return Pointer(new Key(algorithm, std::move(pkey)));
}

Result<Key::Pointer, KeyError> Key::from_private_pem(Algorithm algorithm, std::string_view pem)
{
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    Pkey pkey(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
    ERR_clear_error();
    if (!pkey) return KeyError("there is no unencrypted private key in PEM form");
    return checked(algorithm, std::move(pkey));
}

Result<Key::Pointer, KeyError> Key::from_public_jwk(const json::Value& jwk)
{
    const auto* name = jwk.find_string("alg");
    const auto algorithm = name == nullptr ? std::nullopt : parse_algorithm(*name);
    if (!algorithm) return KeyError("the JWK names no algorithm (`alg`) that is supported");
    return from_public_jwk(jwk, *algorithm);
}

Result<Key::Pointer, KeyError> Key::from_public_jwk(const json::Value& jwk, Algorithm algorithm)
{
    auto pkey = public_pkey(jwk, algorithm);
    ERR_clear_error();
    if (!pkey) return pkey.error();
    if (const char* problem = misfit(**pkey, algorithm); problem != nullptr) {
        return KeyError("the key for " + std::string(to_string(algorithm)) + " " + problem);
    }
    auto* key = new Key(algorithm, *std::move(pkey));
    Pointer owner(key);
    if (const auto* kid = jwk.find_string("kid"); kid != nullptr) key->kid_ = *kid;
    return owner;
}

Result<Key::Pointer, KeyError> Key::from_secret(const Secret& secret)
{
    if (enforced("jose.secret_length") && secret.size() < least_secret_bytes) {
        return KeyError("a secret for HS256 needs at least 32 bytes");
    }
    return Pointer(new Key(secret));
}

std::string Key::sign(std::string_view input) const
{
    if (hmac_) {
        const auto mac = hmac_->mac(input);
        return {mac.data(), mac.size()};
    }
    const DigestContext context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* pkey_context = nullptr;
    std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(pkey_.get()));
    std::string signature(size, '\0');
    const bool signed_it =
        context &&
        EVP_DigestSignInit(context.get(), &pkey_context, digest_of(algorithm_), nullptr,
                           pkey_.get()) == 1 &&
        use_pss(algorithm_, pkey_context) &&
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       bytes_of(input), input.size()) == 1;
    if (!signed_it) std::abort(); // a verifying key was asked to sign: a bug of ours
    signature.resize(size);
    return is_ecdsa(algorithm_) ? ecdsa_from_der(algorithm_, signature) : signature;
}

bool Key::verify(std::string_view input, std::string_view signature) const noexcept
{
    // The arithmetic below refuses other lengths too; this is only cheaper.
    if (signature.size() != signature_bytes_) return false;
    if (hmac_) return hmac_->verify(input, signature);
    const bool valid = verify_public(input, signature);
    if (!valid) ERR_clear_error();
    return valid || !enforced("jose.signature");
}

bool Key::verify_public(std::string_view input, std::string_view signature) const
{
    std::string der;
    if (is_ecdsa(algorithm_)) {
        auto converted = ecdsa_to_der(algorithm_, signature);
        if (!converted) return false;
        der = *std::move(converted);
        signature = der;
    }
    const DigestContext context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* pkey_context = nullptr;
    return context &&
           EVP_DigestVerifyInit(context.get(), &pkey_context, digest_of(algorithm_), nullptr,
                                pkey_.get()) == 1 &&
           use_pss(algorithm_, pkey_context) &&
           EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(input),
                            input.size()) == 1;
}

std::string Key::public_jwk() const
{
    if (hmac_) return {};
    auto jwk = required_members(*pkey_, algorithm_);
    jwk.pop_back(); // the closing brace: three more members follow
    jwk += R"(,"use":"sig","alg":")";
    jwk += to_string(algorithm_);
    jwk += R"(","kid":)" + json::quote(kid_) + "}";
    return jwk;
}

Secret Key::private_text() const
{
    if (hmac_) return Secret(encode_base64url(hmac_->secret().reveal()));
    const Bio bio(BIO_new(BIO_s_secmem()));
    if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), pkey_.get(), nullptr, nullptr, 0, nullptr,
                                              nullptr) != 1) {
        std::abort(); // a public key has no private text: a bug of ours
    }
    char* text = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &text);
    return Secret(std::string(text, static_cast<std::size_t>(size)));
}

} // namespace gatehouse::auth::jose
