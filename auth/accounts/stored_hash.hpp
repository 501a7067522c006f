#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::auth {

/// What a stored password hash says about how it was made.
struct StoredHash {
    enum class Kind : std::uint8_t { argon2id, argon2i, bcrypt };

    Kind kind{};
    // Argon2
    std::uint64_t memory_bytes = 0;
    std::uint32_t passes = 0;
    std::uint32_t lanes = 0;
    // bcrypt
    std::uint32_t cost = 0;
};

/// Reads `$argon2id$v=19$m=..,t=..,p=..$salt$hash`, the same with argon2i, and `$2a$`, `$2b$` or
/// `$2y$` with two digits of cost and 53 characters. Nothing: another form, or one with parts that
/// do not belong there.
[[nodiscard]] std::optional<StoredHash> read_stored_hash(std::string_view text) noexcept;

} // namespace gatehouse::auth
