#include "auth/mail/link_token.hpp"

#include "auth/jose/base64url.hpp"

#include <sodium.h>

#include <array>
#include <cstdlib>

namespace gatehouse::auth {
namespace {

constexpr std::size_t token_bytes = 32;
constexpr std::size_t token_characters = 43; // 32 bytes in base64url

} // namespace

Secret make_link_token()
{
    if (sodium_init() < 0) std::abort(); // no random numbers: nothing here could be trusted
    std::string bytes(token_bytes, '\0');
    randombytes_buf(bytes.data(), bytes.size());
    return Secret(jose::encode_base64url(bytes));
}

std::optional<std::string> link_digest(std::string_view token)
{
    if (token.size() != token_characters) return std::nullopt;
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libsodium takes unsigned bytes
    crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(token.data()),
                       token.size());
    return std::string(hash.begin(), hash.end());
}

} // namespace gatehouse::auth
