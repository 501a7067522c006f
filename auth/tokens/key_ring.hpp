#pragma once

#include "auth/basics/clock.hpp"
#include "auth/jose/key.hpp"

#include <cstdint>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// A key's way through the ring: published early as `next`, signing as `active`, then `retired`
/// and kept for verifying until no token under it can still be valid.
enum class KeyState : std::uint8_t { next, active, retired };

[[nodiscard]] std::string_view to_string(KeyState state) noexcept;
std::ostream& operator<<(std::ostream& out, KeyState state);

struct RingKey {
    jose::Key::Pointer key;
    KeyState state = KeyState::active;
    Seconds created{};
    /// A retired key verifies before this instant; unset: for as long as it is in the ring.
    std::optional<Seconds> verify_until;
    /// A next key signs from this instant on at the earliest: by then everybody knows it.
    Seconds signs_from{};
};

/// All keys of one moment. Immutable: threads share one ring without a lock.
class KeyRing {
public:
    /// Each list holds exactly one active key.
    KeyRing(std::vector<RingKey> access, std::vector<RingKey> refresh, std::uint64_t generation);

    /// The key new access tokens are signed with, and the one for refresh tokens (always HS256).
    [[nodiscard]] const jose::Key& access_signer() const noexcept { return *access_signer_; }

    [[nodiscard]] const jose::Key& refresh_signer() const noexcept { return *refresh_signer_; }

    /// Exactly the key of that `kid`, or null: unknown, or retired too long ago.
    [[nodiscard]] const jose::Key* access_verifier(std::string_view kid,
                                                   Seconds now) const noexcept;
    [[nodiscard]] const jose::Key* refresh_verifier(std::string_view kid,
                                                    Seconds now) const noexcept;

    [[nodiscard]] std::span<const RingKey> access_keys() const noexcept { return access_; }

    [[nodiscard]] std::span<const RingKey> refresh_keys() const noexcept { return refresh_; }

    /// The JWK set as JSON text (RFC 7517, 5): public halves only, `{"keys":[]}` with HS256. The
    /// caller asks with the time, for a retired key leaves the set when it stops verifying.
    [[nodiscard]] std::string jwks(Seconds now) const;

    /// Differs from ring to ring within one process; the verified-token cache is bound to it.
    [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }

private:
    std::vector<RingKey> access_;
    std::vector<RingKey> refresh_;
    const jose::Key* access_signer_ = nullptr;
    const jose::Key* refresh_signer_ = nullptr;
    std::uint64_t generation_ = 0;
};

} // namespace gatehouse::auth
