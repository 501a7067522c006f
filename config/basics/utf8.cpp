#include "config/basics/utf8.hpp"

namespace gatehouse {

namespace {

/// What may stand at the start of a character, and what the second byte may then be.
struct Shape {
    unsigned char first_low, first_high;
    unsigned char second_low, second_high;
    std::size_t length;
};

// Unicode 15, table 3-7. The narrow second bytes rule out overlong forms, surrogates and >
// U+10FFFF.
constexpr Shape shapes[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 2},
    {0xE0, 0xE0, 0xA0, 0xBF, 3},
    {0xE1, 0xEC, 0x80, 0xBF, 3},
    {0xED, 0xED, 0x80, 0x9F, 3},
    {0xEE, 0xEF, 0x80, 0xBF, 3},
    {0xF0, 0xF0, 0x90, 0xBF, 4},
    {0xF1, 0xF3, 0x80, 0xBF, 4},
    {0xF4, 0xF4, 0x80, 0x8F, 4},
};

[[nodiscard]] constexpr bool within(unsigned char byte, unsigned char low,
                                    unsigned char high) noexcept
{
    return low <= byte && byte <= high;
}

} // namespace

std::size_t utf8_length(std::string_view text) noexcept
{
    if (text.empty()) return 0;
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (byte(0) < 0x80) return 1;
    for (const auto& shape : shapes) {
        if (!within(byte(0), shape.first_low, shape.first_high)) continue;
        if (text.size() < shape.length) return 0;
        if (!within(byte(1), shape.second_low, shape.second_high)) return 0;
        for (std::size_t i = 2; i < shape.length; ++i) {
            if (!within(byte(i), 0x80, 0xBF)) return 0;
        }
        return shape.length;
    }
    return 0;
}

void append_utf8(std::string& out, char32_t code)
{
    const auto append = [&](char32_t bits) { out.push_back(static_cast<char>(bits)); };
    const auto tail = [&](unsigned shift) { append(0x80 | ((code >> shift) & 0x3F)); };
    if (code < 0x80) {
        append(code);
    } else if (code < 0x800) {
        append(0xC0 | (code >> 6));
        tail(0);
    } else if (code < 0x10000) {
        append(0xE0 | (code >> 12));
        tail(6);
        tail(0);
    } else {
        append(0xF0 | (code >> 18));
        tail(12);
        tail(6);
        tail(0);
    }
}

} // namespace gatehouse
