#pragma once

#include "config/basics/secret.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::auth {

/// What a link in a mail carries: 256 random bits, 43 characters that a URL takes as they are.
[[nodiscard]] Secret make_link_token();

/// What the store keeps of it: its SHA-256. Enough for a random number of that size. Nothing: it
/// cannot be one of ours.
[[nodiscard]] std::optional<std::string> link_digest(std::string_view token);

} // namespace gatehouse::auth
