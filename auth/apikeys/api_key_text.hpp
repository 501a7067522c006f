#pragma once

#include "auth/basics/id.hpp"
#include "auth/tokens/token_error.hpp"
#include "config/basics/result.hpp"
#include "config/basics/secret.hpp"

#include <string>
#include <string_view>

namespace gatehouse::auth {

/// How every key begins: scanners for leaked secrets look for it, and no JWT begins so.
inline constexpr std::string_view api_key_prefix = "gh_";

/// Whether this is meant to be an API key. One comparison, for the request path.
[[nodiscard]] inline bool looks_like_api_key(std::string_view token) noexcept
{
    return token.starts_with(api_key_prefix);
}

/// What a presented key proves, before anybody looked whether there is such a key.
struct ApiKeyProof {
    Id128 id;
    std::string digest; // SHA-256, 32 bytes
};

/// `gh_<id: 22>_<256 random bits: 43>_<checksum: 6>`, the parts in base64url. The digest is the
/// SHA-256 of all before the last `_`, and the checksum its first four bytes: whoever has the key
/// knows those anyway, and a typo is told from a guess without a look at any table.
struct NewApiKey {
    Secret text; // shown once
    std::string id;
    std::string digest;
};

[[nodiscard]] NewApiKey make_api_key();

/// Errors: malformed (not of that form, or the checksum is another one).
[[nodiscard]] Result<ApiKeyProof, TokenError> read_api_key(std::string_view text);

} // namespace gatehouse::auth
