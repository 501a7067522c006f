#pragma once

#include "auth/accounts/password_hasher.hpp"
#include "auth/accounts/user.hpp"
#include "auth/service/auth_error.hpp"
#include "config/basics/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// How records of another system are read.
struct ImportRules {
    const PasswordHasher& hasher; // which hashes can be verified
    Seconds now{};                // the creation of accounts that do not say theirs
    /// The member that is the username. "": `username` or `user`; and `name`, where there is
    /// neither one of these nor an `email`, for beside them it is what a person is called.
    std::string username_member{};
};

/// An account from another system.
struct ImportedAccount {
    User user;              // no id: one is to be given
    std::string unfit_id{}; // theirs, where it cannot travel in a header
};

/// Reads one JSON object as `mongoexport` writes it, extended JSON or not: `_id` or `id`, a
/// username and/or `email`, `password` (a hash), `roles` or `role`, `createdAt`, `blocked`,
/// `emailVerified`. Other members are ignored. Errors: all that is wrong with it.
[[nodiscard]] Result<ImportedAccount, std::vector<FieldProblem>>
read_import_record(std::string_view text, const ImportRules& rules);

} // namespace gatehouse::auth
