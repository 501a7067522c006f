#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

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
#if defined(__SSE2__)
    const auto digit = _mm_set1_epi8(0x0f);
    const auto bytes = _mm_cvtsi64_si128(static_cast<long long>(__builtin_bswap64(number)));
    const auto high = _mm_and_si128(_mm_srli_epi16(bytes, 4), digit);
    const auto digits = _mm_unpacklo_epi8(high, _mm_and_si128(bytes, digit));
    const auto is_letter = _mm_cmpgt_epi8(digits, _mm_set1_epi8(9));
    const auto to_letter = _mm_and_si128(is_letter, _mm_set1_epi8('a' - '0' - 10));
    const auto text = _mm_add_epi8(_mm_add_epi8(digits, _mm_set1_epi8('0')), to_letter);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), text);
#else
    for (std::size_t i = hex_digits; i > 0; i -= 2) {
        std::memcpy(out + i - 2, hex_pairs[number & 0xffU].data(), 2);
        number >>= 8U;
    }
#endif
}

} // namespace gatehouse::gateway
