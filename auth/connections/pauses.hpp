#pragma once

#include <chrono>
#include <cstdint>

namespace gatehouse::auth {

/// Between half of `pause` and all of it: many that failed together do not come back together.
[[nodiscard]] std::chrono::milliseconds jittered(std::chrono::milliseconds pause);

/// How long to wait after so many failures in a row: twice as long after each, up to two seconds.
[[nodiscard]] std::chrono::milliseconds pause_after(std::uint32_t failures);

} // namespace gatehouse::auth
