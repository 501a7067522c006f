#pragma once

#include "auth/tokens/token_error.hpp"
#include "config/basics/result.hpp"
#include "gateway/http/head.hpp"

#include <span>
#include <string_view>

namespace gatehouse::gateway {

/// The token of the one `Authorization: Bearer <token>`, any case of the scheme. Nothing else
/// carries one: no query, cookie or body.
/// Errors: missing (no field, another scheme, or nothing behind it), ambiguous (several fields).
/// R37; RFC 6750, 2.1
[[nodiscard]] Result<std::string_view, auth::TokenError>
bearer_token(std::span<const Field> fields) noexcept;

} // namespace gatehouse::gateway
