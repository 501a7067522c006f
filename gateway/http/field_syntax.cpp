#include "gateway/http/field_syntax.hpp"

#include "config/basics/sixteen.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace gatehouse::gateway {
namespace {

constexpr auto token_chars = [] {
    std::array<bool, 256> chars{};
    for (unsigned c = 0; c < chars.size(); ++c) {
        chars[c] = c < 0x80 && is_alphanumeric(static_cast<char>(c));
    }
    for (const char c : std::string_view("!#$%&'*+-.^_`|~"))
        chars[static_cast<unsigned char>(c)] = true;
    return chars;
}();

constexpr std::uint64_t ones = 0x0101'0101'0101'0101; // times a byte: eight of it
constexpr std::uint64_t tops = ones * 0x80;

/// Whether two times eight bytes differ in nothing but the case of letters. The top bit of each
/// byte of `letters` tells whether it is one; two places lower stands the bit of its case.
bool same_eight(std::uint64_t a, std::uint64_t b) noexcept
{
    const auto low = (a | ones * 0x20) & ~tops; // no sum below reaches into the next byte
    const auto from_a = low + ones * (0x80 - 'a');
    const auto behind_z = low + ones * (0x80 - 'z' - 1);
    const auto letters = (from_a ^ behind_z) & ~a & tops;
    return ((a ^ b) & ~(letters >> 2U)) == 0;
}

template <class Word>
std::uint64_t load(const char* at) noexcept
{
    Word word = 0;
    std::memcpy(&word, at, sizeof word);
    return word;
}

/// Of four to eight bytes: the first four and the last four, which may overlap.
std::uint64_t both_ends(std::string_view text) noexcept
{
    const auto* last = text.data() + text.size() - sizeof(std::uint32_t);
    return load<std::uint32_t>(text.data()) | load<std::uint32_t>(last) << 32U;
}

} // namespace

bool is_token_char(char c) noexcept
{
    return token_chars[static_cast<unsigned char>(c)];
}

bool is_token(std::string_view text) noexcept
{
    return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

std::size_t token_prefix(std::string_view text) noexcept
{
    // Nearly all tokens are names of fields, and of these characters alone.
    std::size_t size = 0;
    if (text.size() >= Sixteen::size) {
        const Sixteen bytes(text.data());
        size = (bytes.letters() | bytes.is('-') | bytes.between('0', '9')).prefix();
    }
    while (size < text.size() && is_token_char(text[size])) ++size;
    return size;
}

bool has_control(std::string_view text) noexcept
{
    // Without an early exit the compiler looks at many bytes at once; a head rarely holds one.
    bool found = false;
    for (const char c : text) found |= is_control(c);
    return found;
}

bool same_letters(std::string_view a, std::string_view b) noexcept
{
    constexpr std::size_t step = sizeof(std::uint64_t);
    if (a.size() < step) {
        if (a.size() >= step / 2) return same_eight(both_ends(a), both_ends(b));
        return std::equal(a.begin(), a.end(), b.begin(),
                          [](char x, char y) { return lower(x) == lower(y); });
    }
    const auto last = a.size() - step; // overlaps the step before it
    for (std::size_t at = 0;; at = std::min(at + step, last)) {
        if (!same_eight(load<std::uint64_t>(&a[at]), load<std::uint64_t>(&b[at]))) return false;
        if (at == last) return true;
    }
}

bool same_folded(std::string_view name, std::string_view folded) noexcept
{
    if (same_letters(name, folded)) return true; // as all but hostile names are written
    for (std::size_t i = 0; i < name.size(); ++i) {
        if ((is_alphanumeric(name[i]) ? lower(name[i]) : '-') != folded[i]) return false;
    }
    return true;
}

} // namespace gatehouse::gateway
