#pragma once

#include "config/basics/secret.hpp"

#include <chrono>

namespace gatehouse::auth::postgres {

/// Whether a server that answers, and lets nobody in who wants to write, may do so another time
/// without anybody's help: all its connections are taken, it ends or begins, or it is a standby
/// that may be promoted. Asks it once more, for at most so long.
[[nodiscard]] bool may_let_us_in_yet(const Secret& address, std::chrono::milliseconds patience);

} // namespace gatehouse::auth::postgres
