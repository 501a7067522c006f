#pragma once

#include "auth/accounts/user.hpp"
#include "auth/service/auth_error.hpp"
#include "auth/service/requests.hpp"
#include "config/settings/identity.hpp"

#include <vector>

namespace gatehouse::auth {

/// The names and the password of an account that is to be, judged.
struct NewAccount {
    User user; // names only
    Secret password;
    std::vector<FieldProblem> problems; // empty: all is well
};

[[nodiscard]] NewAccount read_new_account(const Credentials& credentials,
                                          const config::PasswordSettings& passwords);

} // namespace gatehouse::auth
