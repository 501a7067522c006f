#include "auth/service/invites.hpp"

#include "auth/basics/id.hpp"

#include <sodium.h>

#include <array>

namespace gatehouse::auth {

Secret make_invite()
{
    return Secret(Id128::random().to_string());
}

std::string invite_hash(std::string_view code)
{
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libsodium takes unsigned bytes
    crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(code.data()),
                       code.size());
    std::array<char, 2 * hash.size() + 1> hex{};
    sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
    return hex.data();
}

} // namespace gatehouse::auth
