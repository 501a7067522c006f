#pragma once

#include "auth/jose/key.hpp"

#include <string>
#include <string_view>

namespace gatehouse::auth::jose {

/// The public members of a JWK with exactly those names that RFC 7638, 3.2 hashes, in its order:
/// `{"crv":"P-256","kty":"EC","x":"..","y":".."}`.
[[nodiscard]] std::string required_members(const EVP_PKEY& pkey, Algorithm algorithm);
/// The same of an HS256 secret. Never published, only hashed.
[[nodiscard]] std::string required_members(const Secret& secret);

/// base64url of SHA-256 (RFC 7638, 3).
[[nodiscard]] std::string thumbprint(std::string_view required_members);

/// Public key from the members of a JWK.
[[nodiscard]] Result<Pkey, KeyError> public_pkey(const json::Value& jwk, Algorithm algorithm);

/// The same with the private members (RFC 7518, 6.2.2 and 6.3.2; RFC 8037, 2). Refused: halves that
/// do not belong together, RSA without its factors.
[[nodiscard]] Result<Pkey, KeyError> private_pkey(const json::Value& jwk, Algorithm algorithm);

} // namespace gatehouse::auth::jose
