#pragma once

#include "gateway/command/arguments.hpp"
#include "gateway/command/console.hpp"
#include "gateway/command/operator_rooms.hpp"

namespace gatehouse::gateway {

/// `user add|list|block|unblock|set-password|set-roles|invite|delete` and `session list|revoke`.
/// Returns the exit code.
[[nodiscard]] int run_account_command(const Arguments& arguments, OperatorRooms& rooms,
                                      Console& console);

} // namespace gatehouse::gateway
