#pragma once

#include "gateway/command/arguments.hpp"
#include "gateway/command/console.hpp"

namespace gatehouse::gateway {

/// `config schema`, `completion` and `manual`: prints what others read about this program.
[[nodiscard]] int run_describe(const Arguments& arguments, Console& console);

} // namespace gatehouse::gateway
