#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::auth {

/// The score of zxcvbn, 0 to 4, by the guesses it takes: 10^3, 10^6, 10^8, 10^10. `names` are words
/// that a guesser of this password knows. Only the first hundred bytes are looked at: a score never
/// falls by what follows them, and nobody makes this take longer than a few milliseconds.
[[nodiscard]] std::uint32_t password_strength(std::string_view password,
                                              std::span<const std::string> names);

} // namespace gatehouse::auth
