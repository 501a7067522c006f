#pragma once

#include "auth/basics/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::auth {

/// Counts the refresh tokens of one session: 1 at login, one more per rotation.
using Generation = std::uint32_t;

enum class SessionDelivery : std::uint8_t { body, cookie, both };

/// A refresh token that was exchanged, and when: tells a straggler from a thief.
struct SupersededGeneration {
    Generation generation = 0;
    Millis superseded_at{};
};

/// Somebody used the pair of that generation.
struct SeenGeneration {
    std::string session_id;
    Generation generation = 0;
};

/// One login and all refresh tokens that descend from it. Holds nothing secret.
struct Session {
    std::string id; // Id128 text
    std::string user_id;
    Generation generation = 1;
    Seconds issued_at{};  // `iat` of the current generation
    Seconds expires_at{}; // `exp` of the current generation
    Seconds login_at{};
    /// How its user proved to be it at the login: words of RFC 8176, in their order.
    std::vector<std::string> amr;
    SessionDelivery delivery = SessionDelivery::body;
    std::string address;    // of the last refresh or login
    std::string user_agent; // at most 256 bytes, made printable
    std::optional<Millis> ended_at;
    /// The newest (`refresh.kept_generations`), oldest first.
    std::vector<SupersededGeneration> superseded;
    /// The generation whose pair nobody is known to have used, where that is watched (see
    /// `refresh.lost_answer`); any other than the current one: it was used, or nobody watches.
    Generation unseen = 0;
};

/// `amr` of a login by password (RFC 8176, 2).
inline constexpr const char* amr_password = "pwd";
/// Of one by passkey: a key that is in somebody's possession; and that of several factors.
inline constexpr const char* amr_possession = "pop";
inline constexpr const char* amr_factors = "mfa";
/// What a code adds, whichever kind of code it is.
inline constexpr const char* amr_code = "otp";

/// Superseded generations that a session remembers where nobody says otherwise.
inline constexpr std::uint32_t superseded_limit = 32;
inline constexpr std::size_t longest_user_agent_bytes = 256;
inline constexpr std::size_t longest_address_bytes = 64;

} // namespace gatehouse::auth
