// What the reader of stored password hashes takes is what the functions themselves take: it says
// what computing the hash costs, and what it calls cheap is computed without a complaint.
#include "auth/accounts/stored_hash.hpp"

#include "auth/accounts/password_hasher.hpp"
#include "tests/fuzz/must.hpp"

#include <cstdint>
#include <string>

namespace {

using namespace gatehouse;

config::PasswordSettings settings()
{
    config::PasswordSettings cheap;
    cheap.argon2_memory_bytes = std::uint64_t{64} * 1024;
    cheap.argon2_passes = 1;
    cheap.memory_bytes = std::uint64_t{256} * 1024;
    return cheap;
}

bool is_quick(const auth::StoredHash& hash)
{
    using Kind = auth::StoredHash::Kind;
    if (hash.memory_bytes > settings().memory_bytes || hash.lanes > 4) return false;
    return hash.kind == Kind::bcrypt ? hash.cost == 4 : hash.passes <= 2;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string text{reinterpret_cast<const char*>(data), size};
    const auto hash = auth::read_stored_hash(text);
    if (!hash) return 0;
    must(text.find('\0') == std::string::npos, "a hash is text");
    must(hash->memory_bytes > 0, "every hash takes memory");
    must(auth::too_dear(*hash, hash->memory_bytes - 1).find("memory") != std::string_view::npos,
         "what it takes is what it needs");
    if (!is_quick(*hash)) return 0;
    static auth::PasswordHasher hasher(settings());
    must(hasher.why_unusable(text).empty(), "what is quick is affordable");
    const auto place = hasher.enter();
    must(place.has_value(), "there is a place for one");
    must(hasher.verify(text, "no such password", *place).has_value(), "it is computed");
    return 0;
}
