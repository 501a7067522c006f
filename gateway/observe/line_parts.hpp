#pragma once

#include "auth/basics/clock.hpp"
#include "config/basics/enforced.hpp"
#include "gateway/observe/line_cursor.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <string_view>

/// Pieces that lines of several formats are made of.
namespace gatehouse::gateway {

[[nodiscard]] inline auth::Seconds second_of(auth::Millis at) noexcept
{
    return std::chrono::floor<std::chrono::seconds>(at);
}

inline void put_millisecond(LineCursor& out, auth::Millis at, auth::Seconds second)
{
    out.put('.');
    out.put_padded<3>(static_cast<unsigned>((at - second).count()));
}

/// Milliseconds with three digits after the point: `1.234`.
inline void put_milliseconds(LineCursor& out, std::chrono::microseconds took)
{
    const auto micros = static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0));
    out.put_number(micros / 1000);
    out.put('.');
    out.put_padded<3>(static_cast<unsigned>(micros % 1000));
}

/// A part of 1: `0.25`.
inline void put_ratio(LineCursor& out, double ratio)
{
    constexpr unsigned billion = 1'000'000'000;
    auto digits = static_cast<unsigned>(std::lround(ratio * billion));
    out.put(digits >= billion ? '1' : '0');
    digits %= billion;
    if (digits == 0) return;
    out.put('.');
    for (unsigned place = billion / 10; digits != 0; place /= 10) {
        out.put(static_cast<char>('0' + digits / place));
        digits %= place;
    }
}

/// Queries hold tokens more often than one likes: who wants them asks for the field. R66
[[nodiscard]] inline std::string_view without_query(std::string_view path)
{
    return enforced("log.no_query") ? path.substr(0, path.find('?')) : path;
}

/// A byte as `\x1b`.
inline void put_hex_escape(LineCursor& out, unsigned char byte)
{
    out.put("\\x");
    out.put("0123456789abcdef"[byte >> 4U]);
    out.put("0123456789abcdef"[byte & 0xfU]);
}

/// The most that put_word() makes of `size` bytes.
[[nodiscard]] constexpr std::size_t most_word_bytes(std::size_t size) noexcept
{
    return 4 * size;
}

/// A word of a line for people: nothing in it can end the line or colour the terminal.
inline void put_word(LineCursor& out, std::string_view text)
{
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (!enforced("log.dev_escapes") || (byte > 0x20 && byte < 0x7f)) {
            out.put(c);
        } else {
            put_hex_escape(out, byte);
        }
    }
}

} // namespace gatehouse::gateway
