#pragma once

#include "gateway/http/head.hpp"

#include <cstddef>
#include <span>

namespace gatehouse::gateway {

/// A list may have so many members; empty ones do not count.  W3C Trace Context, 3.3.1.1
inline constexpr std::size_t most_tracestate_members = 32;

/// What everybody has to pass on, and nobody more.  W3C Baggage, 3.3.2
inline constexpr std::size_t most_baggage_members = 64;
inline constexpr std::size_t most_baggage_bytes = 8192;

/// Whether the `tracestate` lines together are one list as the standard has it: at most 32 members
/// `key=value`, no key twice. What is not is dropped and never repaired: vendors read what is
/// theirs in it, and half of it may mean something else.  W3C Trace Context, 3.3
[[nodiscard]] bool is_valid_tracestate(std::span<const Field> fields) noexcept;

/// Whether the `baggage` lines together are one list as the standard has it, of at most 64 members
/// and 8192 bytes with the commas between lines. Dropped as a whole where not: backends act on it,
/// and would read what is malformed in ways of their own.  W3C Baggage, 3.2
[[nodiscard]] bool is_valid_baggage(std::span<const Field> fields) noexcept;

} // namespace gatehouse::gateway
