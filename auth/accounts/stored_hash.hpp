#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::auth {

/// What a stored password hash says about how it was made.
struct StoredHash {
    enum class Kind : std::uint8_t { argon2id, argon2i, argon2d, bcrypt, scrypt };

    Kind kind{};
    std::uint64_t memory_bytes = 0; // that computing it takes
    // Argon2; the lanes are scrypt's too, which calls them p
    std::uint32_t passes = 0;
    std::uint32_t lanes = 0;
    // bcrypt; of scrypt it is ln, the logarithm of N
    std::uint32_t cost = 0;
    // scrypt: r, and where salt and hash stand, in the text that was read
    std::uint32_t block_size = 0;
    std::string_view salt{};
    std::string_view hash{};
};

/// Reads `$argon2id$v=19$m=..,t=..,p=..$salt$hash`, the same with argon2i and argon2d,
/// `$scrypt$ln=..,r=..,p=..$salt$hash`, and `$2a$`, `$2b$` or `$2y$` with two digits of cost and 53
/// characters. Nothing: another form, parts that do not belong there, or numbers that the function
/// itself does not take.
[[nodiscard]] std::optional<StoredHash> read_stored_hash(std::string_view text) noexcept;

/// Why nobody is to wait for such a hash: it takes more memory than `memory_bytes`, or more time
/// than the settings could ever ask for. "": it is affordable.
[[nodiscard]] std::string_view too_dear(const StoredHash& hash,
                                        std::uint64_t memory_bytes) noexcept;

} // namespace gatehouse::auth
