#pragma once

#include "config/basics/secret.hpp"
#include "gateway/command/console.hpp"

#include <optional>

namespace gatehouse::gateway {

/// A new password: the first line of standard input with `from_stdin`, else typed twice at the
/// terminal without being shown. Never from the command line, where others can see it.
/// Nothing: there was none, or the two differ; what is wrong has been said.
[[nodiscard]] std::optional<Secret> read_new_password(bool from_stdin, Console& console);

} // namespace gatehouse::gateway
