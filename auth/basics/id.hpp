#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::auth {

/// A random 128-bit identifier, written as 22 characters of base64url: users, sessions, `jti`.
struct Id128 {
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    friend bool operator==(const Id128&, const Id128&) = default;

    /// From the operating system's generator. Its text never begins with `-`: on a command line
    /// that would be an option.
    [[nodiscard]] static Id128 random();
    /// Exactly 22 canonical base64url characters, nothing else.
    [[nodiscard]] static std::optional<Id128> parse(std::string_view text) noexcept;
    [[nodiscard]] std::string to_string() const;
};

/// The form of a subject that may travel in a header: `[A-Za-z0-9._:-]{1,64}`.
[[nodiscard]] bool is_header_safe_id(std::string_view id) noexcept;

} // namespace gatehouse::auth
