#pragma once

#include "auth/basics/clock.hpp"

#include <string>
#include <vector>

namespace gatehouse::auth {

/// Who a verified access token speaks for.
struct Principal {
    std::string user_id;    // header-safe
    std::string session_id; // Id128 text
    std::vector<std::string> roles;
    Seconds expires_at{};
};

} // namespace gatehouse::auth
