#pragma once

#include "gateway/command/arguments.hpp"
#include "gateway/command/console.hpp"
#include "gateway/command/operator_rooms.hpp"

namespace gatehouse::gateway {

/// `keys list|rotate`. Returns the exit code.
[[nodiscard]] int run_keys_command(const Arguments& arguments, OperatorRooms& rooms,
                                   Console& console);

} // namespace gatehouse::gateway
