#pragma once

#include "config/settings/settings.hpp"

#include <optional>
#include <string_view>

namespace gatehouse::config {

/// What stands in one place of an access token of this gateway. Of what follows from a user's
/// roles, the roles of now count and not those of the token.
enum class TokenClaim { value, list, role, roles, scope };

/// What the access tokens of these settings say at `path`; nothing: none of them says anything
/// there.
[[nodiscard]] std::optional<TokenClaim> find_claim(const Settings& settings, std::string_view path);

/// Whether some other issuer's tokens may say something there that counts.
[[nodiscard]] bool is_told_by_others(const Settings& settings, std::string_view path);

} // namespace gatehouse::config
