#include "auth/jose/base64url.hpp"

#include "config/basics/enforced.hpp"

#include <array>
#include <cstdint>

namespace gatehouse::auth::jose {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::uint8_t no_value = 0xFF;

constexpr auto values = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(no_value);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return table;
}();

} // namespace

void append_base64url(std::string& out, std::string_view bytes)
{
    std::uint32_t bits = 0;
    unsigned held = 0; // how many of `bits` are not written yet
    for (const char c : bytes) {
        bits = (bits << 8) | static_cast<unsigned char>(c);
        held += 8;
        while (held >= 6) {
            held -= 6;
            out.push_back(alphabet[(bits >> held) & 0x3F]);
        }
    }
    if (held > 0) out.push_back(alphabet[(bits << (6 - held)) & 0x3F]);
}

std::string encode_base64url(std::string_view bytes)
{
    std::string out;
    out.reserve((bytes.size() * 4 + 2) / 3);
    append_base64url(out, bytes);
    return out;
}

std::optional<std::string> decode_base64url(std::string_view text)
{
    if (text.size() % 4 == 1) return std::nullopt; // 6 bits are no byte
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : text) {
        const auto value = values[static_cast<unsigned char>(c)];
        if (value == no_value) return std::nullopt;
        bits = (bits << 6) | value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes.push_back(static_cast<char>((bits >> held) & 0xFF));
        }
    }
    // Left-over bits carry nothing; were they not zero, several texts would mean the same bytes.
    const auto left_over = bits & ((1U << held) - 1U);
    if (enforced("jose.canonical_base64url") && left_over != 0) return std::nullopt;
    return bytes;
}

} // namespace gatehouse::auth::jose
