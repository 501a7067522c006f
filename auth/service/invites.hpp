#pragma once

#include "config/basics/secret.hpp"

#include <string>
#include <string_view>

namespace gatehouse::auth {

/// A code that lets one person register: 128 random bits, 22 characters.
[[nodiscard]] Secret make_invite();

/// What the store keeps of a code: its SHA-256 in hex. Enough for a random number of 128 bits.
[[nodiscard]] std::string invite_hash(std::string_view code);

} // namespace gatehouse::auth
