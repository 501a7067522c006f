#pragma once

#include "gateway/command/arguments.hpp"
#include "gateway/command/console.hpp"

namespace gatehouse::gateway {

/// Does what was asked for. Returns the exit code.
[[nodiscard]] int execute(const Arguments& arguments, Console& console);

} // namespace gatehouse::gateway
