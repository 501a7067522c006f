#pragma once

#include "config/basics/result.hpp"
#include "config/basics/secret.hpp"
#include "config/settings/identity.hpp"

#include <ostream>
#include <string>
#include <string_view>

namespace gatehouse::auth {

/// Why a password cannot be set.
enum class PasswordError {
    too_short,
    too_long,
    not_text, // not UTF-8
    nul,      // some libraries would stop reading there
    too_long_for_bcrypt
};

[[nodiscard]] std::string_view to_string(PasswordError error) noexcept;
std::ostream& operator<<(std::ostream& out, PasswordError error);
/// A sentence for the person.
[[nodiscard]] std::string explain(PasswordError error, const config::PasswordSettings& settings);

/// Judges a password that is being set, in code points of its NFC form, which is what gets hashed.
/// No rules of composition, nothing is cut off (NIST SP 800-63B-4).
[[nodiscard]] Result<Secret, PasswordError>
read_new_password(const Secret& password, const config::PasswordSettings& settings);

/// A password that is only compared: in NFC, and not judged. Rules may have changed since it was
/// set. What is not UTF-8 stays as it is.
[[nodiscard]] Secret read_password(const Secret& password);

} // namespace gatehouse::auth
