#include "auth/tokens/claims.hpp"

#include "config/basics/enforced.hpp"

namespace gatehouse::auth {

Result<void, TokenError> check_times(const TimeClaims& claims, Seconds now,
                                     std::chrono::seconds leeway)
{
    if (enforced("tokens.exp_present") && !claims.expires_at) return TokenError::malformed;
    // RFC 7519 4.1.4: the token is refused ON the expiry instant, so >= and not >.
    if (enforced("tokens.exp") && claims.expires_at && now - leeway >= *claims.expires_at) {
        return TokenError::expired;
    }
    if (enforced("tokens.nbf") && claims.not_before && now + leeway < *claims.not_before) {
        return TokenError::not_yet_valid;
    }
    return {};
}

Result<void, TokenError> check_issued_at(Seconds issued_at, Seconds now,
                                         std::chrono::seconds max_ahead)
{
    if (enforced("tokens.iat") && issued_at > now + max_ahead) {
        return TokenError::not_yet_valid;
    }
    return {};
}

} // namespace gatehouse::auth
