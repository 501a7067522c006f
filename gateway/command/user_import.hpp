#pragma once

#include "gateway/command/arguments.hpp"
#include "gateway/command/console.hpp"
#include "gateway/command/operator_rooms.hpp"

namespace gatehouse::gateway {

/// `user import FILE`: accounts of another system, one JSON object per line. With any mistake in
/// the file nothing is imported and all are told; what was imported before is left alone, so that
/// the command can be repeated. Returns the exit code.
[[nodiscard]] int run_user_import(const Arguments& arguments, OperatorRooms& rooms,
                                  Console& console);

} // namespace gatehouse::gateway
