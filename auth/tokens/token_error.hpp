#pragma once

#include <ostream>
#include <string_view>

namespace gatehouse::auth {

/// Why a token was refused. A client learns only "missing", "expired", "revoked" or "invalid";
/// the log has the word below.
enum class TokenError {
    missing,     // no bearer token where one is needed
    malformed,   // not three canonical base64url segments of strict JSON
    unsupported, // algorithm, critical header or type this gateway does not take
    unknown_key, // no such `kid`
    bad_signature,
    expired,
    not_yet_valid,
    wrong_issuer,
    wrong_audience,
    wrong_type,   // a refresh token at the access token's door, or the other way round
    revoked,      // session ended, user blocked or deleted
    ambiguous,    // two Authorization fields, or several keys that it may be signed with
    wrong_claims, // not as the settings of its issuer want it
    no_keys       // of its issuer, which does not answer
};

[[nodiscard]] std::string_view to_string(TokenError error) noexcept;
std::ostream& operator<<(std::ostream& out, TokenError error);

} // namespace gatehouse::auth
