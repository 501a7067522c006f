#pragma once

#include "auth/basics/clock.hpp"
#include "auth/sessions/session.hpp"
#include "auth/tokens/token_error.hpp"
#include "config/basics/result.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// `typ` of the header: keeps each kind of token out of the other's door (RFC 8725, 3.11).
inline constexpr std::string_view access_token_type = "at+jwt";
inline constexpr std::string_view refresh_token_type = "rt+jwt";
inline constexpr std::string_view identity_type = "identity+jwt"; // for backends; opens nothing
inline constexpr std::string_view device_token_type = "dt+jwt";
inline constexpr std::string_view login_token_type = "lt+jwt";

/// What an access token says. `iss` and `aud` come from the settings.
struct AccessClaims {
    std::string user_id;    // `sub`
    std::string session_id; // `sid`, Id128 text
    std::string jti;        // Id128 text
    std::vector<std::string> roles;
    Seconds issued_at{};
    Seconds expires_at{};
    /// When and how the user last proved who they are (RFC 9068, 2.2.1; RFC 8176). Tokens of the
    /// version before say neither.
    std::optional<Seconds> auth_time{};
    std::vector<std::string> amr{};
    std::vector<std::string> scopes{};
    /// Of the session, where it is watched who uses its newest pair.
    std::optional<Generation> generation{};
};

/// What a refresh token says: which session, and which generation of it.
struct RefreshClaims {
    std::string user_id;
    std::string session_id;
    Generation generation = 0;
    Seconds issued_at{};
    Seconds expires_at{};
};

/// What a signed identity tells a backend.
struct IdentityClaims {
    std::string_view user_id;
    std::string_view session_id;
    std::string_view audience;
    std::span<const std::string> roles;
    std::span<const std::string> scopes;
    Seconds issued_at{};
    Seconds expires_at{};
};

/// What a login leaves in a browser: that somebody who knew the password of this user sat there.
struct DeviceClaims {
    std::string user_id;
    std::string device_id; // Id128 text
    Seconds issued_at{};
    Seconds expires_at{};
};

/// What somebody has who showed one proof and has to show another.
struct LoginClaims {
    std::string user_id;
    std::string jti;              // Id128 text
    std::string standing;         // of the account when the proof was judged
    std::vector<std::string> amr; // what was shown
    Seconds issued_at{};
    Seconds expires_at{};
};

struct TimeClaims {
    std::optional<Seconds> expires_at;
    std::optional<Seconds> not_before;
};

/// Checks `exp` and `nbf` against `now`, allowing clocks to differ by `leeway`.
/// A token without `exp` is refused: this gateway never trusts an immortal token.
/// Errors: TokenError::malformed (no exp), expired, not_yet_valid.  RFC 7519, 4.1.4 and 4.1.5.
[[nodiscard]] Result<void, TokenError> check_times(const TimeClaims& claims, Seconds now,
                                                   std::chrono::seconds leeway);

/// `max_ahead`: how far ahead of our clock another replica's may be when it writes `iat`.
/// Errors: TokenError::not_yet_valid.  RFC 7519, 4.1.6 leaves the rule to us.
[[nodiscard]] Result<void, TokenError> check_issued_at(Seconds issued_at, Seconds now,
                                                       std::chrono::seconds max_ahead);

} // namespace gatehouse::auth
