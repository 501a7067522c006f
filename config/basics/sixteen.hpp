#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace gatehouse {

/// Sixteen bytes of a text, looked at together: a handful of instructions on whatever has vectors
/// of that size. What is asked of them becomes a mask with all bits of a byte set or none.
class Sixteen {
    using Bytes [[gnu::vector_size(16)]] = unsigned char;
    using Halves [[gnu::vector_size(16)]] = std::uint64_t;

public:
    static constexpr std::size_t size = 16;

    class Mask {
    public:
        friend Mask operator|(Mask a, Mask b) noexcept { return Mask(a.bytes_ | b.bytes_); }

        friend Mask operator&(Mask a, Mask b) noexcept { return Mask(a.bytes_ & b.bytes_); }

        /// One bit for each byte, the lowest for the first.
        [[nodiscard]] std::uint32_t bits() const noexcept
        {
#if defined(__SSE2__)
            return static_cast<std::uint32_t>(_mm_movemask_epi8(__m128i(bytes_)));
#else
            std::uint32_t bits = 0;
            for (std::size_t i = 0; i < size; ++i) bits |= (bytes_[i] & std::uint32_t{1}) << i;
            return bits;
#endif
        }

        /// How many bytes at the front are in it.
        [[nodiscard]] std::size_t prefix() const noexcept
        {
            return static_cast<std::size_t>(std::countr_one(bits()));
        }

        [[nodiscard]] bool all() const noexcept { return prefix() == size; }

    private:
        friend class Sixteen;

        explicit Mask(Bytes bytes) noexcept : bytes_(bytes) {}

        Bytes bytes_;
    };

    /// Those from `at` on.
    explicit Sixteen(const char* at) noexcept { std::memcpy(&bytes_, at, size); }

    /// Of a text of 8 to 16 bytes: its first eight and its last eight, which may overlap.
    [[nodiscard]] static Sixteen ends_of(std::string_view text) noexcept
    {
        constexpr std::size_t half = size / 2;
        std::uint64_t first = 0;
        std::uint64_t last = 0;
        std::memcpy(&first, text.data(), half);
        std::memcpy(&last, text.data() + text.size() - half, half);
        return Sixteen(Bytes(Halves{first, last})); // in registers: not read back from memory
    }

    [[nodiscard]] Mask between(char first, char last) const noexcept
    {
        const auto from = static_cast<unsigned char>(first);
        const auto width = static_cast<unsigned char>(static_cast<unsigned char>(last) - from);
        return Mask(Bytes((bytes_ - from) <= width));
    }

    [[nodiscard]] Mask is(char c) const noexcept
    {
        return Mask(Bytes(bytes_ == static_cast<unsigned char>(c)));
    }

    /// In either case.
    [[nodiscard]] Mask letters() const noexcept
    {
        Sixteen lower(*this);
        lower.bytes_ |= 0x20;
        return lower.between('a', 'z');
    }

    void copy_to(char* to) const noexcept { std::memcpy(to, &bytes_, size); }

    /// What ends_of() took from a text of `bytes` bytes, put together again.
    void copy_ends_to(char* to, std::size_t bytes) const noexcept
    {
        const auto halves = Halves(bytes_);
        const std::uint64_t first = halves[0];
        const std::uint64_t last = halves[1];
        std::memcpy(to, &first, sizeof first);
        std::memcpy(to + bytes - sizeof last, &last, sizeof last);
    }

private:
    explicit Sixteen(Bytes bytes) noexcept : bytes_(bytes) {}

    Bytes bytes_;
};

/// Whether all bytes of `text` are of a class: `many` says so of sixteen as a Mask, `one` of one.
/// No early exit within sixteen: nearly always it is true, and all have to be looked at.
template <class Many, class One>
[[nodiscard]] bool all_bytes(std::string_view text, Many many, One one) noexcept
{
    if (text.size() < Sixteen::size / 2) {
        bool all = true;
        for (const char c : text) all &= one(c);
        return all;
    }
    if (text.size() <= Sixteen::size) return many(Sixteen::ends_of(text)).all();
    const auto last = text.size() - Sixteen::size; // overlaps those before
    for (std::size_t at = 0; at < last; at += Sixteen::size) {
        if (!many(Sixteen(text.data() + at)).all()) return false;
    }
    return many(Sixteen(text.data() + last)).all();
}

} // namespace gatehouse
