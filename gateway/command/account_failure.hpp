#pragma once

#include "auth/service/auth_error.hpp"
#include "gateway/command/console.hpp"
#include "gateway/command/operator_rooms.hpp"

#include <string>

namespace gatehouse::gateway {

/// A sentence for the operator, and the exit code that goes with it. `who` is what was asked for;
/// who is not known is told with the store: a command in another folder looks into another one.
[[nodiscard]] int fail(const auth::AuthError& error, const std::string& who,
                       const OperatorRooms& rooms, Console& console);

} // namespace gatehouse::gateway
