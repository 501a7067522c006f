#pragma once

#include "auth/accounts/user.hpp"
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
    too_long_for_bcrypt,
    common,    // on the built-in list
    like_name, // little more than a name of the account
    weak       // below the score that the settings want
};

[[nodiscard]] std::string_view to_string(PasswordError error) noexcept;
std::ostream& operator<<(std::ostream& out, PasswordError error);
/// A sentence for the person.
[[nodiscard]] std::string explain(PasswordError error, const config::PasswordSettings& settings);

/// Judges a password that is being set for an account with the names of `whose`, in code points of
/// its NFC form, which is what gets hashed. No rules of composition, nothing is cut off; common
/// passwords and the account's own names are refused however they are capitalised (NIST SP
/// 800-63B-4). With `min_strength` it takes milliseconds: call it where passwords are hashed.
[[nodiscard]] Result<Secret, PasswordError>
read_new_password(const Secret& password, const config::PasswordSettings& settings,
                  const User& whose = {});

/// A password that is only compared: in NFC, and not judged. Rules may have changed since it was
/// set. What is not UTF-8 stays as it is.
[[nodiscard]] Secret read_password(const Secret& password);

} // namespace gatehouse::auth
