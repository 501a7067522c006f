#pragma once

#include "auth/service/auth_service.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// How somebody proved who they are.
struct AuthService::Proof {
    std::vector<std::string> amr; // words of RFC 8176, in their order
    /// Whether it would be one now, asked once the session is there. What takes a proof back ends
    /// the sessions it can see, and one that came into being meanwhile it cannot.
    std::function<Result<bool, AuthError>()> still_holds;
    std::string_view detail{}; // of the login, for the audit; a literal
};

} // namespace gatehouse::auth
