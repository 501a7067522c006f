#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace gatehouse::gateway {

inline constexpr std::size_t hex_digits = 16; // of 64 bits

/// "00" to "ff".
inline constexpr auto hex_pairs = [] {
    std::array<std::array<char, 2>, 256> pairs{};
    for (std::size_t byte = 0; byte < pairs.size(); ++byte)
        pairs[byte] = {"0123456789abcdef"[byte >> 4U], "0123456789abcdef"[byte & 0xfU]};
    return pairs;
}();

/// Writes a number as 16 lower-case hex digits.
inline void put_hex(std::uint64_t number, char* out) noexcept
{
    for (std::size_t i = hex_digits; i > 0; i -= 2) {
        std::memcpy(out + i - 2, hex_pairs[number & 0xffU].data(), 2);
        number >>= 8U;
    }
}

} // namespace gatehouse::gateway
