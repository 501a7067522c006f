#pragma once

#include "auth/basics/clock.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gatehouse::auth {

/// Who a verified access token speaks for.
struct Principal {
    std::string user_id;    // header-safe
    std::string session_id; // Id128 text
    std::vector<std::string> roles;
    Seconds expires_at{};
    /// When the user last proved who they are; nothing: the token does not say.
    std::optional<Seconds> auth_time{};
};

} // namespace gatehouse::auth
