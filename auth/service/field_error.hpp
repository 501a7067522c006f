#pragma once

#include "auth/service/auth_error.hpp"

#include <string>
#include <utility>

namespace gatehouse::auth {

/// What is wrong with one member, and nothing else is.
[[nodiscard]] inline AuthError one_field(std::string name, std::string message)
{
    return AuthError(std::vector<FieldProblem>{
        {std::move(name), std::move(message)}
    });
}

} // namespace gatehouse::auth
