#include "auth/jose/algorithm.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstdlib>

namespace gatehouse::auth::jose {

namespace {

constexpr std::array own_algorithms{Algorithm::es256, Algorithm::es384, Algorithm::rs256,
                                    Algorithm::ps256, Algorithm::eddsa, Algorithm::hs256};

constexpr std::array foreign_algorithms{Algorithm::rs384, Algorithm::rs512, Algorithm::ps384,
                                        Algorithm::ps512};

/// Fetched once and never given back: a call with an implicit fetch costs 1 to 3 us in OpenSSL 3.0,
/// and freeing at exit would race with the library's own exit handler.
template <class Fetched>
[[nodiscard]] Fetched* or_abort(Fetched* fetched) noexcept
{
    if (fetched == nullptr) std::abort(); // an OpenSSL without SHA-2 and HMAC is no OpenSSL
    return fetched;
}

} // namespace

std::string_view to_string(Algorithm algorithm) noexcept
{
    switch (algorithm) {
    case Algorithm::es256:
        return "ES256";
    case Algorithm::es384:
        return "ES384";
    case Algorithm::rs256:
        return "RS256";
    case Algorithm::ps256:
        return "PS256";
    case Algorithm::eddsa:
        return "EdDSA";
    case Algorithm::hs256:
        return "HS256";
    case Algorithm::rs384:
        return "RS384";
    case Algorithm::rs512:
        return "RS512";
    case Algorithm::ps384:
        return "PS384";
    case Algorithm::ps512:
        return "PS512";
    }
    return "";
}

std::optional<Algorithm> parse_algorithm(std::string_view name) noexcept
{
    for (const auto algorithm : own_algorithms) {
        if (name == to_string(algorithm)) return algorithm;
    }
    return std::nullopt;
}

std::optional<Algorithm> parse_foreign_algorithm(std::string_view name) noexcept
{
    for (const auto algorithm : foreign_algorithms) {
        if (name == to_string(algorithm)) return algorithm;
    }
    return parse_algorithm(name);
}

bool is_pss(Algorithm algorithm) noexcept
{
    return algorithm == Algorithm::ps256 || algorithm == Algorithm::ps384 ||
           algorithm == Algorithm::ps512;
}

const EVP_MD* sha256() noexcept
{
    static const EVP_MD* const digest = or_abort(EVP_MD_fetch(nullptr, "SHA256", nullptr));
    return digest;
}

const EVP_MD* digest_of(Algorithm algorithm) noexcept
{
    static const EVP_MD* const sha384 = or_abort(EVP_MD_fetch(nullptr, "SHA384", nullptr));
    static const EVP_MD* const sha512 = or_abort(EVP_MD_fetch(nullptr, "SHA512", nullptr));
    switch (algorithm) {
    case Algorithm::es256:
    case Algorithm::rs256:
    case Algorithm::ps256:
    case Algorithm::hs256:
        return sha256();
    case Algorithm::es384:
    case Algorithm::rs384:
    case Algorithm::ps384:
        return sha384;
    case Algorithm::rs512:
    case Algorithm::ps512:
        return sha512;
    case Algorithm::eddsa:
        return nullptr; // Ed25519 hashes by itself (RFC 8032)
    }
    return nullptr;
}

} // namespace gatehouse::auth::jose
