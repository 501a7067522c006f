#pragma once

#include "config/environment/environment.hpp"
#include "config/settings/identity.hpp"

namespace gatehouse::config {

/// HS256 wants as many bytes as the hash has (RFC 7518, 3.2).
inline constexpr std::size_t secret_least_bytes = 32;

/// Moves ACCESS_TOKEN_SECRET, REFRESH_TOKEN_SECRET and their ..._PREVIOUS lists (separated by
/// commas) from the environment into the settings. They are judged in validate().
void take_secrets(const Environment& environment, TokenSettings& tokens);

} // namespace gatehouse::config
