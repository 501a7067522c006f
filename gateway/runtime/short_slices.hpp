#pragma once

#include <chrono>

namespace gatehouse::gateway {

/// The least that the kernel gives.
inline constexpr std::chrono::microseconds short_slice{100};

/// Asks the kernel to let the calling thread run often rather than long: when it wakes, it may
/// take the core from a thread that computes (a password hash) before that has finished its slice
/// of some 3 ms. Linux 6.12 and later; where it is unknown or refused, nothing changes.
void ask_for_short_slices() noexcept;

} // namespace gatehouse::gateway
