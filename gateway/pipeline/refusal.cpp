#include "gateway/pipeline/refusal.hpp"

namespace gatehouse::gateway {
namespace {

struct Entry {
    unsigned status;
    std::string_view code;
    std::string_view message;
};

/// The words of the Express world where it has some: jsonwebtoken, express-jwt, body-parser and
/// express-rate-limit say what is said here, and clients in the wild compare these texts.
Entry entry(RefusalCode code) noexcept
{
    using enum RefusalCode;
    // clang-format off: one line for each
    switch (code) {
    case bad_request:            return {400, "bad_request", "Bad Request"};
    case malformed_json:         return {400, "malformed_json", "The body is not the JSON this call expects"};
    case token_missing:          return {401, "token_missing", "No authorization token was found"};
    case token_expired:          return {401, "token_expired", "jwt expired"};
    case token_revoked:          return {401, "token_revoked", "The token has been revoked"};
    case token_invalid:          return {401, "token_invalid", "invalid token"};
    case insufficient_user_authentication:
                                 return {401, "insufficient_user_authentication", "A more recent login is required"};
    case invalid_credentials:    return {401, "invalid_credentials", "Invalid username or password"};
    case forbidden:              return {403, "forbidden", "Forbidden"};
    case account_blocked:        return {403, "account_blocked", "This account is blocked"};
    case email_unverified:       return {403, "email_unverified", "The email address has to be verified first"};
    case link_invalid:           return {403, "link_invalid", "This link is not valid any more"};
    case registration_closed:    return {403, "registration_closed", "Registration is closed"};
    case too_many_sessions:      return {403, "too_many_sessions", "Too many sessions; sign out somewhere else first"};
    case passkey_invalid:        return {403, "passkey_invalid", "This passkey cannot be registered"};
    case too_many_passkeys:      return {403, "too_many_passkeys", "Too many passkeys; delete one first"};
    case second_factor_required: return {403, "second_factor_required", "A code is needed to go on"};
    case invalid_code:           return {403, "invalid_code", "This code is not, or no longer, good"};
    case login_token_invalid:    return {403, "login_token_invalid", "This login cannot go on; begin again"};
    case origin_forbidden:       return {403, "origin_forbidden", "This origin may not make this call"};
    case refresh_token_invalid:  return {403, "refresh_token_invalid", "invalid refresh token"};
    case refresh_token_expired:  return {403, "refresh_token_expired", "refresh token expired"};
    case refresh_token_revoked:  return {403, "refresh_token_revoked", "The refresh token has been revoked"};
    case refresh_token_reused:   return {403, "refresh_token_reused", "The refresh token has been used before"};
    case not_found:              return {404, "not_found", "Not Found"};
    case method_not_allowed:     return {405, "method_not_allowed", "Method Not Allowed"};
    case request_timeout:        return {408, "request_timeout", "The request did not arrive in time"};
    case name_taken:             return {409, "name_taken", "This username or email is already taken"};
    case last_way_in:            return {409, "last_way_in", "Nobody could sign in to this account any more"};
    case second_factor_active:   return {409, "second_factor_active", "A second factor is set up already"};
    case body_too_large:         return {413, "body_too_large", "request entity too large"};
    case uri_too_long:           return {414, "uri_too_long", "URI Too Long"};
    case unsupported_media_type: return {415, "unsupported_media_type", "The body must be application/json"};
    case invalid_fields:         return {422, "invalid_fields", "Some fields are not valid"};
    case too_many_attempts:      return {429, "too_many_attempts", "Too many requests, please try again later."};
    case too_many_requests:      return {429, "too_many_requests", "Too many requests; slow down"};
    case headers_too_large:      return {431, "headers_too_large", "Request Header Fields Too Large"};
    case not_implemented:        return {501, "not_implemented", "Not Implemented"};
    case not_configured:         return {501, "not_configured", "This gateway is not set up for that"};
    case store_unavailable:      return {503, "store_unavailable", "Try again in a moment"};
    case overloaded:             return {503, "overloaded", "Too busy; try again in a moment"};
    case draining:               return {503, "draining", "Shutting down; try again"};
    case upstream_unreachable:   return {502, "upstream_unreachable", "The service cannot be reached"};
    case upstream_reset:         return {502, "upstream_reset", "The service broke off"};
    case upstream_protocol:      return {502, "upstream_protocol", "The service gave an answer that cannot be read"};
    case upstream_timeout:       return {504, "upstream_timeout", "The service did not answer in time"};
    }
    // clang-format on
    return {500, "unknown", "Internal Server Error"};
}

} // namespace

Refusal told(RefusalCode code, std::string message, std::string reason)
{
    Refusal refusal(code, std::move(reason));
    refusal.message = std::move(message);
    return refusal;
}

unsigned status_of(RefusalCode code) noexcept
{
    return entry(code).status;
}

unsigned status_of(const Refusal& refusal) noexcept
{
    return refusal.status != 0 ? refusal.status : status_of(refusal.code);
}

std::string_view to_string(RefusalCode code) noexcept
{
    return entry(code).code;
}

std::string_view default_message(RefusalCode code) noexcept
{
    return entry(code).message;
}

std::ostream& operator<<(std::ostream& out, RefusalCode code)
{
    return out << to_string(code);
}

} // namespace gatehouse::gateway
