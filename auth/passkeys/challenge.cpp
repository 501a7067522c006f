#include "auth/passkeys/challenge.hpp"

#include "config/basics/enforced.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace gatehouse::auth::passkeys {
namespace {

constexpr std::size_t random_bytes = 16;
constexpr std::size_t time_bytes = 8;
constexpr std::size_t said_bytes = random_bytes + time_bytes;
constexpr std::size_t mac_bytes = 32;

/// No signing input of a token has a colon in it, so neither can stand for the other. User ids have
/// no zero byte.
std::string input_of(Ceremony ceremony, std::string_view user_id, std::string_view said)
{
    std::string input = ceremony == Ceremony::registration ? "passkey-create:" : "passkey-get:";
    input.append(user_id).push_back('\0');
    return input.append(said);
}

std::string bytes_of(Seconds time)
{
    const auto seconds = static_cast<std::uint64_t>(time.time_since_epoch().count());
    std::string bytes;
    for (int shift = 56; shift >= 0; shift -= 8) {
        bytes += static_cast<char>(seconds >> static_cast<unsigned>(shift) & 0xFFU);
    }
    return bytes;
}

Seconds time_of(std::string_view bytes)
{
    std::uint64_t seconds = 0;
    for (const char each : bytes) seconds = seconds << 8U | static_cast<unsigned char>(each);
    return Seconds(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

} // namespace

std::string new_challenge(const KeyRing& ring, Ceremony ceremony, std::string_view user_id,
                          Seconds expires_at)
{
    if (sodium_init() < 0) std::abort(); // no random numbers: no challenge
    std::string said(random_bytes, '\0');
    ::randombytes_buf(said.data(), said.size());
    said += bytes_of(expires_at);
    return said + ring.refresh_signer().sign(input_of(ceremony, user_id, said));
}

std::optional<Seconds> read_challenge(const KeyRing& ring, Ceremony ceremony,
                                      std::string_view user_id, std::string_view challenge,
                                      Seconds now)
{
    if (challenge.size() != said_bytes + mac_bytes) return std::nullopt;
    const auto said = challenge.substr(0, said_bytes);
    const auto input = input_of(ceremony, user_id, said);
    const bool ours = std::ranges::any_of(ring.refresh_keys(), [&](const RingKey& each) {
        const auto* key = ring.refresh_verifier(each.key->kid(), now);
        return key != nullptr && key->verify(input, challenge.substr(said_bytes));
    });
    if (enforced("passkeys.challenge_ours") && !ours) return std::nullopt;
    const auto expires_at = time_of(said.substr(random_bytes));
    if (enforced("passkeys.challenge_ttl") && now >= expires_at) return std::nullopt;
    return expires_at;
}

std::string digest_of_challenge(std::string_view challenge)
{
    std::string digest(crypto_hash_sha256_BYTES, '\0');
    ::crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                         reinterpret_cast<const unsigned char*>(challenge.data()),
                         challenge.size());
    return digest;
}

} // namespace gatehouse::auth::passkeys
