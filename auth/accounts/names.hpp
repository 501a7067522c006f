#pragma once

#include "config/basics/result.hpp"

#include <optional>
#include <ostream>
#include <string>
#include <string_view>

namespace gatehouse::auth {

/// Why nobody may be called so.
enum class NameError {
    empty,
    too_long,
    not_text,         // not UTF-8
    unseen_character, // controls, invisibles, bidi characters, unassigned code points
    outer_space,      // at either end, or two together
    at_sign,          // would look like an e-mail address
    not_an_email
};

[[nodiscard]] std::string_view to_string(NameError error) noexcept;
std::ostream& operator<<(std::ostream& out, NameError error);
/// A sentence for the person.
[[nodiscard]] std::string_view explain(NameError error) noexcept;

/// A name as its owner writes it, and as names are compared (NFKC_Casefold).
struct Name {
    std::string shown;
    std::string folded;
};

/// 1 to 64 code points, no `@` in any width, nothing unseen, no space at the ends.
[[nodiscard]] Result<Name, NameError> read_username(std::string_view text);

/// `local@domain`: a local part of at most 64 bytes without spaces or quotes, a domain of labels,
/// together at most 254 bytes (RFC 5321, 4.5.3.1). Whether mail arrives there only mail can tell.
[[nodiscard]] Result<Name, NameError> read_email(std::string_view text);

/// How a name given at login is compared. Nothing: nobody can be called so.
[[nodiscard]] std::optional<std::string> fold_name(std::string_view text);

} // namespace gatehouse::auth
