#pragma once

#include "auth/service/auth_error.hpp"

#include <string>
#include <vector>

namespace gatehouse::auth {

/// What is wrong with these roles: each is `[A-Za-z0-9._:-]{1,64}`, and there are at most 32.
[[nodiscard]] std::vector<FieldProblem> problems_of(const std::vector<std::string>& roles);

} // namespace gatehouse::auth
