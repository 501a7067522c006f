#pragma once

#include "auth/json/value.hpp"
#include "auth/tokens/claims.hpp"
#include "auth/tokens/key_ring.hpp"
#include "config/basics/result.hpp"
#include "config/settings/identity.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// Accepts only what a TokenIssuer with these settings and this ring signed. Everything cheap is
/// looked at first (length, alphabet, header, `kid`, claims, times): a forged token must not buy
/// public-key arithmetic. Knows nothing of revocation: Authenticator does. Safe from any thread.
class TokenVerifier {
public:
    explicit TokenVerifier(const config::TokenSettings& settings);

    /// `payload`: where all that an accepted token says goes, if anybody wants it.
    [[nodiscard]] Result<AccessClaims, TokenError> access(const KeyRing& ring,
                                                          std::string_view token, Seconds now,
                                                          json::Value* payload = nullptr) const;

    [[nodiscard]] Result<RefreshClaims, TokenError>
    refresh(const KeyRing& ring, std::string_view token, Seconds now) const;

    /// For logout, where an expired token still names its session. All else is checked.
    [[nodiscard]] Result<RefreshClaims, TokenError>
    refresh_even_expired(const KeyRing& ring, std::string_view token, Seconds now) const;

    /// Of a cookie that some login of ours left.
    [[nodiscard]] Result<DeviceClaims, TokenError>
    device(const KeyRing& ring, std::string_view token, Seconds now) const;

    /// Of a login that is half done.
    [[nodiscard]] Result<LoginClaims, TokenError> login(const KeyRing& ring, std::string_view token,
                                                        Seconds now) const;

private:
    [[nodiscard]] bool is_own(const json::Value& payload) const;

    std::string issuer_;
    std::vector<std::string> audience_;
    std::chrono::seconds access_ttl_;
    std::chrono::seconds leeway_;
    std::chrono::seconds max_ahead_;
};

/// Tokens longer than this are refused unread; own ones have about 400 bytes and room for roles.
inline constexpr std::size_t longest_token_bytes = 8 * 1024;

} // namespace gatehouse::auth
