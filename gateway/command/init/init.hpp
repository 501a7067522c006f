#pragma once

#include "gateway/command/arguments.hpp"
#include "gateway/command/console.hpp"

namespace gatehouse::gateway {

/// `init`: writes a commented configuration, and the schema of it for editors beside it. What no
/// option says is asked for where `asks` (a person sits at standard input), else it is as usual.
/// What it writes was read and judged before, as `check` would.
[[nodiscard]] int run_init(const Arguments& arguments, bool asks, Console& console);

} // namespace gatehouse::gateway
