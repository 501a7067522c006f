#include "auth/tokens/token_error.hpp"

namespace gatehouse::auth {

std::string_view to_string(TokenError error) noexcept
{
    switch (error) {
    case TokenError::missing:
        return "missing";
    case TokenError::malformed:
        return "malformed";
    case TokenError::unsupported:
        return "unsupported";
    case TokenError::unknown_key:
        return "unknown_key";
    case TokenError::bad_signature:
        return "bad_signature";
    case TokenError::expired:
        return "expired";
    case TokenError::not_yet_valid:
        return "not_yet_valid";
    case TokenError::wrong_issuer:
        return "wrong_issuer";
    case TokenError::wrong_audience:
        return "wrong_audience";
    case TokenError::wrong_type:
        return "wrong_type";
    case TokenError::revoked:
        return "revoked";
    case TokenError::ambiguous:
        return "ambiguous";
    case TokenError::wrong_claims:
        return "wrong_claims";
    case TokenError::no_keys:
        return "no_keys";
    }
    return "unknown";
}

std::ostream& operator<<(std::ostream& out, TokenError error)
{
    return out << to_string(error);
}

} // namespace gatehouse::auth
