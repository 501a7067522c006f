#pragma once

#include "auth/accounts/stored_hash.hpp"

#include <optional>
#include <string_view>

namespace gatehouse::auth {

/// Whether `password` has this Argon2d hash, which libsodium does not compute; RFC 9106, all lanes
/// on the calling thread. Nothing: the machine has no memory left.
[[nodiscard]] std::optional<bool> matches_argon2d(const StoredHash& stored,
                                                  std::string_view password);

} // namespace gatehouse::auth
