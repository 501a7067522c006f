#pragma once

#include "auth/tokens/claims.hpp"
#include "auth/tokens/key_ring.hpp"
#include "config/settings/identity.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// Writes and signs tokens. HS256 signatures depend on key and claims only, so any replica writes
/// the same refresh token for the same session row. Safe from any thread.
class TokenIssuer {
public:
    explicit TokenIssuer(const config::TokenSettings& settings);

    /// `typ: at+jwt` under the ring's active key. `aud` is the user id unless the settings name
    /// services.
    /// `more`: a JSON object whose members are claims too; none of them may be one of ours.
    [[nodiscard]] std::string access(const KeyRing& ring, const AccessClaims& claims,
                                     std::string_view more = {}) const;
    /// `typ: rt+jwt`, HS256 under the ring's refresh key. Its audience is always the user id: the
    /// services that access tokens are for never see a refresh token.
    [[nodiscard]] std::string refresh(const KeyRing& ring, const RefreshClaims& claims) const;

    /// `typ: identity+jwt` under the ring's active key, which the JWKS shows.
    [[nodiscard]] std::string identity(const KeyRing& ring, const IdentityClaims& claims) const;

    /// `typ: dt+jwt`, under the same key.
    [[nodiscard]] std::string device(const KeyRing& ring, const DeviceClaims& claims) const;

    /// `typ: lt+jwt`, under the same key.
    [[nodiscard]] std::string login(const KeyRing& ring, const LoginClaims& claims) const;

private:
    std::string issuer_;
    std::vector<std::string> audience_;
};

} // namespace gatehouse::auth
