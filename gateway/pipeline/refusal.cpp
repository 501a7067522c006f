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
    switch (code) {
    case RefusalCode::bad_request:
        return {400, "bad_request", "Bad Request"};
    case RefusalCode::malformed_json:
        return {400, "malformed_json", "The body is not the JSON this call expects"};
    case RefusalCode::token_missing:
        return {401, "token_missing", "No authorization token was found"};
    case RefusalCode::token_expired:
        return {401, "token_expired", "jwt expired"};
    case RefusalCode::token_revoked:
        return {401, "token_revoked", "The token has been revoked"};
    case RefusalCode::token_invalid:
        return {401, "token_invalid", "invalid token"};
    case RefusalCode::invalid_credentials:
        return {401, "invalid_credentials", "Invalid username or password"};
    case RefusalCode::forbidden:
        return {403, "forbidden", "Forbidden"};
    case RefusalCode::account_blocked:
        return {403, "account_blocked", "This account is blocked"};
    case RefusalCode::registration_closed:
        return {403, "registration_closed", "Registration is closed"};
    case RefusalCode::too_many_sessions:
        return {403, "too_many_sessions", "Too many sessions; sign out somewhere else first"};
    case RefusalCode::origin_forbidden:
        return {403, "origin_forbidden", "This origin may not make this call"};
    case RefusalCode::refresh_token_invalid:
        return {403, "refresh_token_invalid", "invalid refresh token"};
    case RefusalCode::refresh_token_expired:
        return {403, "refresh_token_expired", "refresh token expired"};
    case RefusalCode::refresh_token_revoked:
        return {403, "refresh_token_revoked", "The refresh token has been revoked"};
    case RefusalCode::refresh_token_reused:
        return {403, "refresh_token_reused", "The refresh token has been used before"};
    case RefusalCode::not_found:
        return {404, "not_found", "Not Found"};
    case RefusalCode::method_not_allowed:
        return {405, "method_not_allowed", "Method Not Allowed"};
    case RefusalCode::request_timeout:
        return {408, "request_timeout", "The request did not arrive in time"};
    case RefusalCode::name_taken:
        return {409, "name_taken", "This username or email is already taken"};
    case RefusalCode::body_too_large:
        return {413, "body_too_large", "request entity too large"};
    case RefusalCode::uri_too_long:
        return {414, "uri_too_long", "URI Too Long"};
    case RefusalCode::unsupported_media_type:
        return {415, "unsupported_media_type", "The body must be application/json"};
    case RefusalCode::invalid_fields:
        return {422, "invalid_fields", "Some fields are not valid"};
    case RefusalCode::too_many_attempts:
        return {429, "too_many_attempts", "Too many requests, please try again later."};
    case RefusalCode::headers_too_large:
        return {431, "headers_too_large", "Request Header Fields Too Large"};
    case RefusalCode::not_implemented:
        return {501, "not_implemented", "Not Implemented"};
    case RefusalCode::not_configured:
        return {501, "not_configured", "This gateway is not set up for that"};
    case RefusalCode::store_unavailable:
        return {503, "store_unavailable", "Try again in a moment"};
    case RefusalCode::overloaded:
        return {503, "overloaded", "Too busy; try again in a moment"};
    case RefusalCode::draining:
        return {503, "draining", "Shutting down; try again"};
    case RefusalCode::upstream_unreachable:
        return {502, "upstream_unreachable", "The service cannot be reached"};
    case RefusalCode::upstream_reset:
        return {502, "upstream_reset", "The service broke off"};
    case RefusalCode::upstream_protocol:
        return {502, "upstream_protocol", "The service gave an answer that cannot be read"};
    case RefusalCode::upstream_timeout:
        return {504, "upstream_timeout", "The service did not answer in time"};
    }
    return {500, "unknown", "Internal Server Error"};
}

} // namespace

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
