#include "auth/basics/id.hpp"

#include "config/basics/enforced.hpp"
#include "config/basics/sixteen.hpp"

#include <sys/random.h>

#include <array>
#include <cstdint>
#include <cstdlib>

namespace gatehouse::auth {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::size_t text_size = 22; // 128 bits at 6 bits a character, rounded up

constexpr auto safe_characters = [] {
    std::array<bool, 256> safe{};
    for (const char c : alphabet) safe[static_cast<unsigned char>(c)] = true;
    for (const char c : {'.', ':'}) safe[static_cast<unsigned char>(c)] = true;
    return safe;
}();

constexpr auto values = [] {
    std::array<std::int8_t, 256> table{};
    table.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    return table;
}();

[[nodiscard]] bool is_safe(char c) noexcept
{
    return safe_characters[static_cast<unsigned char>(c)];
}

[[nodiscard]] int value_of(char c) noexcept
{
    return values[static_cast<unsigned char>(c)];
}

} // namespace

Id128 Id128::random()
{
    constexpr std::uint64_t hyphen = alphabet.find('-');
    Id128 id;
    do {
        // 16 bytes never come back short (getrandom(2): up to 256 bytes are all or nothing).
        if (::getrandom(&id, sizeof id, 0) != static_cast<ssize_t>(sizeof id)) std::abort();
    } while (id.high >> 58 == hyphen);
    return id;
}

std::optional<Id128> Id128::parse(std::string_view text) noexcept
{
    if (text.size() != text_size) return std::nullopt;
    Id128 id;
    for (std::size_t i = 0; i + 1 < text_size; ++i) {
        const int value = value_of(text[i]);
        if (value < 0) return std::nullopt;
        id.high = (id.high << 6) | (id.low >> 58);
        id.low = (id.low << 6) | static_cast<std::uint64_t>(value);
    }
    // 21 characters are 126 bits; the last one carries 2, and its other 4 bits must be zero.
    const int last = value_of(text.back());
    if (last < 0 || (last & 0x0f) != 0) return std::nullopt;
    id.high = (id.high << 2) | (id.low >> 62);
    id.low = (id.low << 2) | static_cast<std::uint64_t>(last >> 4);
    return id;
}

std::string Id128::to_string() const
{
    std::string text(text_size, '\0');
    std::uint64_t h = high;
    std::uint64_t l = low;
    text[text_size - 1] = alphabet[(l & 3U) << 4];
    l = (l >> 2) | (h << 62);
    h >>= 2;
    for (std::size_t i = text_size - 1; i-- > 0;) {
        text[i] = alphabet[l & 63U];
        l = (l >> 6) | (h << 58);
        h >>= 6;
    }
    return text;
}

bool is_header_safe_id(std::string_view id) noexcept
{
    if (!enforced("identity.safe_id")) return true;
    if (id.empty() || id.size() > 64) return false;
    return all_bytes(
        id,
        [](Sixteen bytes) {
            return bytes.letters() | bytes.between('0', ':') | bytes.between('-', '.') |
                   bytes.is('_');
        },
        is_safe);
}

} // namespace gatehouse::auth
