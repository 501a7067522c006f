#pragma once

#include "auth/service/auth_error.hpp"
#include "gateway/command/console.hpp"

#include <string>

namespace gatehouse::gateway {

/// A sentence for the operator, and the exit code that goes with it. `who` is what was asked for.
[[nodiscard]] int fail(const auth::AuthError& error, const std::string& who, Console& console);

} // namespace gatehouse::gateway
