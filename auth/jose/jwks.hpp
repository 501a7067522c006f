#pragma once

#include "auth/jose/key.hpp"
#include "config/basics/result.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth::jose {

/// Largest set that is read, and most keys in it: those of large issuers take a tenth.
inline constexpr std::size_t longest_jwks_bytes = 256 * 1024;
inline constexpr std::size_t most_jwks_keys = 64;
inline constexpr std::size_t longest_kid_bytes = 256;

/// One public key, for one algorithm. A key that names none is there once for each it may be for.
struct PublishedKey {
    std::optional<std::string> kid; // nothing: it has no name
    Key::Pointer key;
};

/// What somebody publishes of their keys (RFC 7517, 5), as far as it is of use.
struct PublishedKeys {
    std::vector<PublishedKey> keys;
    /// Of the others, why: `keys[2]: is not for signing`. Never holds key material.
    std::vector<std::string> left_out;
};

/// Reads a JWKS for tokens signed with one of `allowed`. Keys that are of no use are left out: of
/// another type, curve or algorithm, too weak, not for signing, symmetric, broken, or with their
/// private half in the open. A key's own `alg` decides; without one it is for all of `allowed` that
/// its type can do. Errors: too long, no strict JSON object with `keys`, too many of them.
[[nodiscard]] Result<PublishedKeys, KeyError> read_jwks(std::string_view text,
                                                        std::span<const Algorithm> allowed);

} // namespace gatehouse::auth::jose
