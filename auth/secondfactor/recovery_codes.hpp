#pragma once

#include "config/basics/secret.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// As many as are made at once.
inline constexpr std::size_t recovery_codes_made = 10;

/// 80 random bits in four groups of four, `7K3M-Q0ZD-9HXA-C4VT`: 32 letters and digits of which no
/// two look alike.
[[nodiscard]] std::vector<Secret> new_recovery_codes();

/// By which a store knows a code: SHA-256 of the user's id and the code. 80 random bits need no
/// slow hash. `code` as TypedCode has it.
[[nodiscard]] std::string recovery_code_digest(std::string_view user_id, const Secret& code);

/// What somebody typed into the one field that there is for codes.
struct TypedCode {
    enum class Kind : std::uint8_t { totp, recovery };

    Kind kind = Kind::totp;
    Secret text; // six digits, or sixteen letters and digits of the alphabet
};

/// Leaves out blanks and dashes; in recovery codes small letters are capital ones, and what is
/// easily mistaken for a digit is that digit: O for 0, I and L for 1. Nothing: it is no code.
[[nodiscard]] std::optional<TypedCode> read_typed_code(std::string_view typed);

} // namespace gatehouse::auth
