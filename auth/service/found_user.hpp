#pragma once

#include "auth/service/auth_service.hpp"

#include <optional>
#include <string>

namespace gatehouse::auth {

/// Whom a login names, and what its attempts are counted under.
struct AuthService::FoundUser {
    std::optional<User> user;
    std::string throttle_key; // "id:..." or "name:...", which no id begins with
};

} // namespace gatehouse::auth
