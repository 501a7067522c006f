#include "auth/tokens/foreign_user.hpp"

#include "auth/basics/id.hpp"
#include "auth/jose/algorithm.hpp"
#include "auth/jose/base64url.hpp"
#include "config/basics/enforced.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstdlib>

namespace gatehouse::auth {

namespace {

constexpr char mark_of_issuer = ':';
constexpr char mark_of_hash = '.';
constexpr std::size_t hash_bytes = 24; // 32 characters

std::string hash_of(std::string_view subject)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    if (EVP_Digest(subject.data(), subject.size(), digest.data(), nullptr, jose::sha256(),
                   nullptr) != 1) {
        std::abort(); // out of memory
    }
    return jose::encode_base64url({reinterpret_cast<const char*>(digest.data()), hash_bytes});
}

} // namespace

std::string foreign_user_id(std::string_view issuer, std::string_view subject)
{
    std::string id(issuer);
    id += mark_of_issuer;
    const auto plain = id + std::string(subject);
    const bool looks_hashed = subject.starts_with(mark_of_hash);
    if (is_header_safe_id(plain) && !(enforced("foreign.hash_marked") && looks_hashed)) {
        return plain;
    }
    id += mark_of_hash;
    return id + hash_of(subject);
}

bool is_named_by(std::string_view issuer, std::string_view user_id) noexcept
{
    return user_id.size() > issuer.size() && user_id.starts_with(issuer) &&
           user_id[issuer.size()] == mark_of_issuer;
}

} // namespace gatehouse::auth
