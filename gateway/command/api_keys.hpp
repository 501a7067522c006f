#pragma once

#include "gateway/command/arguments.hpp"
#include "gateway/command/console.hpp"
#include "gateway/command/operator_rooms.hpp"

namespace gatehouse::gateway {

/// apikey create, list, revoke.
[[nodiscard]] int run_api_key_command(const Arguments& arguments, OperatorRooms& rooms,
                                      Console& console);

} // namespace gatehouse::gateway
