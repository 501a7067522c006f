#pragma once

#include "auth/json/value.hpp"
#include "auth/tokens/token_error.hpp"
#include "config/basics/result.hpp"
#include "config/settings/identity.hpp"

#include <span>
#include <string>
#include <vector>

namespace gatehouse::auth {

/// What the roles of a user bring, each scope once; those of everybody (`*`) come first.
[[nodiscard]] std::vector<std::string> scopes_of(const config::RoleScopes& by_role,
                                                 std::span<const std::string> roles);

/// As the claim `scope` has them: separated by blanks.  RFC 8693, 4.2
[[nodiscard]] std::string scope_text(std::span<const std::string> scopes);

/// `scope`: absent, or a text of scopes with one blank between each two. Errors: malformed.
/// RFC 6749, 3.3
[[nodiscard]] Result<std::vector<std::string>, TokenError> read_scopes(const json::Value& payload);

} // namespace gatehouse::auth
