#pragma once

#include "auth/tokens/key_ring.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::auth::passkeys {

/// What a challenge is for: an answer to one is none to the other.
enum class Ceremony { registration, assertion };

// Challenges are bytes that say themselves until when they are good, under a MAC with the key of
// refresh tokens: every replica knows them for ours, and nothing is kept of those that nobody
// answers. That one is good once is for the store: PasskeyStore::spend() of its digest.

/// `user_id`: who registers; "" where somebody signs in who has not said who it is.
[[nodiscard]] std::string new_challenge(const KeyRing& ring, Ceremony ceremony,
                                        std::string_view user_id, Seconds expires_at);

/// Until when it is good; nothing: it is not ours, for something else, for somebody else, or over.
[[nodiscard]] std::optional<Seconds> read_challenge(const KeyRing& ring, Ceremony ceremony,
                                                    std::string_view user_id,
                                                    std::string_view challenge, Seconds now);

/// By which the store knows it: SHA-256.
[[nodiscard]] std::string digest_of_challenge(std::string_view challenge);

} // namespace gatehouse::auth::passkeys
