#pragma once

#include "auth/basics/clock.hpp"
#include "config/basics/secret.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::auth {

// One-time codes by the time (RFC 6238), as all authenticator apps make them: HMAC-SHA-1, six
// digits, a new one every 30 seconds since 1970. Pure: no clock, no store.

/// Number of the 30 seconds.
using TotpStep = std::int64_t;

inline constexpr std::chrono::seconds totp_period{30};
inline constexpr std::size_t totp_digits = 6;
/// RFC 4226, 4 (R6): as long as the MAC.
inline constexpr std::size_t totp_secret_bytes = 20;

[[nodiscard]] Secret new_totp_secret();

/// RFC 4226, 5.3: `digits` digits, 6 to 8.
[[nodiscard]] std::string hotp(const Secret& secret, std::uint64_t counter,
                               std::size_t digits = totp_digits);

[[nodiscard]] TotpStep totp_step(Seconds now) noexcept;

/// The step whose code `code` is: the one of `now` or a neighbour (clocks differ, people type), and
/// later than `last_used`, for a code is good once (RFC 6238, 5.2). Nothing: it is no such code.
[[nodiscard]] std::optional<TotpStep> judge_totp(const Secret& secret, std::string_view code,
                                                 Seconds now, TotpStep last_used);

/// What an authenticator app reads, from a QR code as a rule. `issuer` and `account` may hold
/// anything; no text of theirs can become a parameter.
[[nodiscard]] Secret totp_uri(const Secret& secret, std::string_view issuer,
                              std::string_view account);

} // namespace gatehouse::auth
