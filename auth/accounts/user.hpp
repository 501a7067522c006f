#pragma once

#include "auth/accounts/names.hpp"
#include "auth/basics/clock.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gatehouse::auth {

/// An account as the stores keep it.
struct User {
    std::string id; // header-safe, see is_header_safe_id
    std::optional<std::string> username;
    std::optional<std::string> email;
    /// NFKC_Casefold of username and email: one unique namespace for both. Stores compare these.
    std::optional<std::string> folded_username;
    std::optional<std::string> folded_email;
    std::string password_hash; // PHC string ($argon2id$..) or modular crypt ($2b$..)
    std::vector<std::string> roles;
    bool blocked = false;
    Seconds created{};
    /// When they proved that mail to this very address reaches them; nothing: not yet.
    std::optional<Seconds> email_verified_at{};
};

/// The address that is verified, folded; "" where none is.
[[nodiscard]] std::string verified_email(const User& user);

/// Other names for an account. What is unset stays as it is; what is set to nothing is given up.
struct NameChange {
    std::optional<std::optional<Name>> username{};
    std::optional<std::optional<Name>> email{};
};

/// The user as it is called after that.
[[nodiscard]] User renamed(User user, const NameChange& change);

} // namespace gatehouse::auth
