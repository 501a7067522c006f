#include "auth/jose/base64url.hpp"

#include "config/basics/enforced.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace gatehouse::auth::jose {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::uint8_t no_value = 0xFF; // has bits that no value has

constexpr auto values = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(no_value);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return table;
}();

/// What a character is worth at each of the four places of 24 bits. What is none leaves a mark
/// above them.
constexpr auto values_at = [] {
    std::array<std::array<std::uint32_t, 256>, 4> tables{};
    for (std::size_t place = 0; place < tables.size(); ++place) {
        for (std::size_t c = 0; c < values.size(); ++c) {
            const std::uint32_t value = values[c];
            tables[place][c] = value == no_value ? ~0xFF'FFFFU : value << (18 - 6 * place);
        }
    }
    return tables;
}();

void put_most_significant_first(char* out, std::uint64_t word) noexcept
{
    if constexpr (std::endian::native == std::endian::little) word = __builtin_bswap64(word);
    std::memcpy(out, &word, sizeof word);
}

/// Decodes whole groups of four characters; false: one was none.
[[nodiscard]] bool decode_groups(std::string_view text, char* out) noexcept
{
    std::uint32_t seen = 0; // all values together
    const auto group = [&](std::size_t at) {
        const auto value = [&](std::size_t place) {
            return values_at[place][static_cast<unsigned char>(text[at + place])];
        };
        const auto bits = value(0) | value(1) | value(2) | value(3);
        seen |= bits;
        return std::uint64_t{bits};
    };
    // Two at once are six bytes of a word of eight; the other two are those of a third group, which
    // overwrites them.
    for (; text.size() >= 12; text.remove_prefix(8), out += 6) {
        const auto word = group(0) << 40 | (group(4) & 0xFF'FFFF) << 16;
        put_most_significant_first(out, word);
    }
    for (; text.size() >= 4; text.remove_prefix(4), out += 3) {
        const auto bits = group(0);
        out[0] = static_cast<char>(bits >> 16 & 0xFF);
        out[1] = static_cast<char>(bits >> 8 & 0xFF);
        out[2] = static_cast<char>(bits & 0xFF);
    }
    return seen <= 0xFF'FFFF;
}

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
    std::string bytes(text.size() * 3 / 4, '\0');
    const auto groups = text.size() / 4;
    if (!decode_groups(text, bytes.data())) return std::nullopt;
    text.remove_prefix(4 * groups);
    auto* out = bytes.data() + 3 * groups;
    std::uint32_t seen = 0; // whatever is no value leaves its mark
    const auto value = [&](std::size_t i) {
        const std::uint32_t six_bits = values[static_cast<unsigned char>(text[i])];
        seen |= six_bits;
        return six_bits;
    };
    std::uint32_t left_over = 0;
    if (text.size() == 2) {
        const auto bits = value(0) << 6 | value(1);
        *out++ = static_cast<char>(bits >> 4);
        left_over = bits & 0xF;
    } else if (text.size() == 3) {
        const auto bits = value(0) << 12 | value(1) << 6 | value(2);
        *out++ = static_cast<char>(bits >> 10);
        *out++ = static_cast<char>(bits >> 2 & 0xFF);
        left_over = bits & 0x3;
    }
    if ((seen & ~0x3FU) != 0) return std::nullopt;
    // Left-over bits carry nothing; were they not zero, several texts would mean the same bytes.
    if (enforced("jose.canonical_base64url") && left_over != 0) return std::nullopt;
    return bytes;
}

} // namespace gatehouse::auth::jose
