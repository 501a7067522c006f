#pragma once

#include "gateway/net/transfer.hpp"

#include <sys/uio.h>

#include <cstddef>
#include <span>

namespace gatehouse::gateway {

class Watch;

/// The system calls on a watched socket. Each notes in the watch what it learned of readiness, and
/// is spared when that says there is nothing to do.
[[nodiscard]] Transfer receive(Watch& watch, std::span<char> into) noexcept;
/// The same without taking anything.
[[nodiscard]] Transfer peek_received(Watch& watch, std::span<char> into) noexcept;
/// Reads and throws away up to `most` bytes.
[[nodiscard]] Transfer drop_received(Watch& watch, std::size_t most) noexcept;
/// `flags` as those of send(2), for example MSG_MORE.
[[nodiscard]] Transfer send(Watch& watch, std::span<const iovec> pieces, int flags) noexcept;

[[nodiscard]] std::size_t total_bytes(std::span<const iovec> pieces) noexcept;

} // namespace gatehouse::gateway
