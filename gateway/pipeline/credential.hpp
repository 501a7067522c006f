#pragma once

#include "auth/tokens/token_error.hpp"
#include "config/basics/result.hpp"
#include "gateway/http/head.hpp"

#include <span>
#include <string_view>

namespace gatehouse::gateway {

/// The one value of the cookie of that name, from all Cookie fields (RFC 6265, 4.2.1); browsers
/// send several when a path or a domain has one too.
/// Errors: missing (none, or an empty one), ambiguous (several that differ).
[[nodiscard]] Result<std::string_view, auth::TokenError>
token_in_cookie(std::span<const Field> fields, std::string_view name) noexcept;

/// Whether there is a cookie of that name, whatever is in it.
[[nodiscard]] bool has_cookie(std::span<const Field> fields, std::string_view name) noexcept;

/// An access token and how it came.
struct Credential {
    std::string_view token;
    bool by_cookie = false; // a browser adds it by itself, whichever page asks
};

/// From Authorization as bearer_token() has it; without one, from the cookie of that name. An empty
/// name: no cookie carries one.
/// Errors: those of both.
[[nodiscard]] Result<Credential, auth::TokenError>
credential_of(std::span<const Field> fields, std::string_view cookie_name) noexcept;

/// The same of a WebSocket handshake, which may name its token behind `bearer` in
/// Sec-WebSocket-Protocol: browsers let no page set an Authorization there. That counts before a
/// cookie, for it is not added by itself, and only where there is no Authorization at all.
/// Errors: those of both; ambiguous (several `bearer`, or one behind another protocol).
[[nodiscard]] Result<Credential, auth::TokenError>
credential_of_handshake(std::span<const Field> fields, std::string_view cookie_name) noexcept;

} // namespace gatehouse::gateway
