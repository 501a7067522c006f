#pragma once

#include "gateway/command/arguments.hpp"
#include "gateway/command/console.hpp"

namespace gatehouse::gateway {

/// `run`: serves until a signal. Returns the exit code.
[[nodiscard]] int run_gateway(const Arguments& arguments, Console& console);

/// `demo`: serves an echo service of its own, with a private temporary store that is gone
/// afterwards, and says what to try.
[[nodiscard]] int run_demo(const Arguments& arguments, Console& console);

} // namespace gatehouse::gateway
