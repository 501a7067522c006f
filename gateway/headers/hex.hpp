#pragma once

#include <cstddef>
#include <cstdint>

namespace gatehouse::gateway {

inline constexpr std::size_t hex_digits = 16; // of 64 bits

/// Writes a number as 16 lower-case hex digits.
inline void put_hex(std::uint64_t number, char* out) noexcept
{
    for (std::size_t i = hex_digits; i > 0; --i) {
        out[i - 1] = "0123456789abcdef"[number & 0xfU];
        number >>= 4U;
    }
}

} // namespace gatehouse::gateway
