#pragma once

#include "gateway/http/field_syntax.hpp"

#include <bit>
#include <cstddef>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace gatehouse::gateway {

/// Where the first is_control() byte from `from` on stands, or npos.
[[nodiscard]] constexpr std::size_t find_control_bytewise(std::string_view text,
                                                          std::size_t from) noexcept
{
    while (from < text.size() && !is_control(text[from])) ++from;
    return from < text.size() ? from : std::string_view::npos;
}

/// The same, sixteen bytes at a time where the processor can: every byte of every head comes
/// through here once.
[[nodiscard]] inline std::size_t find_control(std::string_view text, std::size_t from) noexcept
{
#if defined(__SSE2__)
    constexpr std::size_t step = sizeof(__m128i);
    const auto last_control = _mm_set1_epi8(0x1f);
    const auto del = _mm_set1_epi8(0x7f);
    for (; text.size() >= step && from <= text.size() - step; from += step) {
        const auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + from));
        const auto low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
        const auto found = _mm_movemask_epi8(_mm_or_si128(low, _mm_cmpeq_epi8(bytes, del)));
        if (found == 0) continue;
        // Tabs are rare, so they are told apart only now.
        const auto tabs = _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t')));
        const auto controls = static_cast<unsigned>(found & ~tabs);
        if (controls != 0) return from + static_cast<unsigned>(std::countr_zero(controls));
    }
#endif
    return find_control_bytewise(text, from);
}

} // namespace gatehouse::gateway
