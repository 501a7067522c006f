#include "auth/json/scan.hpp"

#include "config/basics/enforced.hpp"
#include "config/basics/sixteen.hpp"
#include "config/basics/utf8.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>

namespace gatehouse::auth::json {

namespace {

/// Bytes that stand for themselves inside a string and need no second look.
constexpr auto plain_bytes = [] {
    std::array<bool, 256> plain{};
    for (unsigned c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
    return plain;
}();

std::size_t plain_prefix(std::string_view text) noexcept
{
    std::size_t size = 0;
    for (; text.size() - size >= Sixteen::size; size += Sixteen::size) {
        const Sixteen bytes(text.data() + size);
        const auto plain =
            (bytes.between(' ', '!') | bytes.between('#', '[') | bytes.between(']', '\x7f'))
                .prefix();
        if (plain != Sixteen::size) return size + plain;
    }
    while (size < text.size() && plain_bytes[static_cast<unsigned char>(text[size])]) ++size;
    return size;
}

void take_plain_bytes(std::string_view& rest, std::string& text)
{
    const auto size = plain_prefix(rest);
    text.append(rest.data(), size);
    rest.remove_prefix(size);
}

[[nodiscard]] bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

/// How many digits were dropped from the front.
std::size_t skip_digits(std::string_view& rest) noexcept
{
    const auto before = rest.size();
    while (!rest.empty() && is_digit(rest.front())) rest.remove_prefix(1);
    return before - rest.size();
}

/// false: a point without a digit behind it. No fraction at all is fine.
[[nodiscard]] bool skip_fraction(std::string_view& rest) noexcept
{
    if (!rest.starts_with('.')) return true;
    rest.remove_prefix(1);
    return skip_digits(rest) > 0;
}

/// false: an exponent without a digit. No exponent at all is fine.
[[nodiscard]] bool skip_exponent(std::string_view& rest) noexcept
{
    if (!rest.starts_with('e') && !rest.starts_with('E')) return true;
    rest.remove_prefix(1);
    if (rest.starts_with('+') || rest.starts_with('-')) rest.remove_prefix(1);
    return skip_digits(rest) > 0;
}

/// How much of `text` is a number as RFC 8259, 6 spells it, and whether it is a whole one.
struct NumberShape {
    std::size_t length = 0; // 0: none
    bool whole = true;
};

[[nodiscard]] NumberShape number_shape(std::string_view text) noexcept
{
    auto rest = text;
    if (rest.starts_with('-')) rest.remove_prefix(1);
    const bool leading_zero = rest.starts_with('0');
    const auto digits = skip_digits(rest);
    if (digits == 0 || (leading_zero && digits > 1)) return {};
    const auto behind_digits = rest.size();
    if (!skip_fraction(rest) || !skip_exponent(rest)) return {};
    return {text.size() - rest.size(), rest.size() == behind_digits};
}

[[nodiscard]] std::optional<char32_t> take_four_hex_digits(std::string_view& rest) noexcept
{
    if (rest.size() < 4) return std::nullopt;
    std::uint32_t unit = 0;
    const auto* const end = rest.data() + 4;
    // from_chars takes no sign for unsigned and no "0x", so four digits it is or nothing.
    const auto [stop, error] = std::from_chars(rest.data(), end, unit, 16);
    if (error != std::errc() || stop != end) return std::nullopt;
    rest.remove_prefix(4);
    return unit;
}

/// Behind `\u`: one character from one escape, or from two that are a surrogate pair.
[[nodiscard]] Result<char32_t, ReadError> scan_unicode(std::string_view& rest, bool allow_nul)
{
    const auto unit = take_four_hex_digits(rest);
    if (!unit) return ReadError::syntax;
    if (enforced("json.nul") && *unit == 0 && !allow_nul) return ReadError::bad_text;
    const bool is_surrogate = *unit >= 0xD800 && *unit <= 0xDFFF;
    if (!is_surrogate) return *unit;

    // Above U+FFFF two escapes make one character, high half first; half a pair is no character.
    if (*unit <= 0xDBFF && rest.starts_with("\\u")) {
        auto behind = rest.substr(2);
        const auto low = take_four_hex_digits(behind);
        if (low && *low >= 0xDC00 && *low <= 0xDFFF) {
            rest = behind;
            return 0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00);
        }
    }
    if (enforced("json.lone_surrogate")) return ReadError::bad_text;
    return 0xFFFD;
}

/// Behind the backslash.
[[nodiscard]] Result<char32_t, ReadError> scan_escape(std::string_view& rest, bool allow_nul)
{
    const char c = rest.empty() ? '\0' : rest.front();
    if (!rest.empty()) rest.remove_prefix(1);
    switch (c) {
    case '"':
        return U'"';
    case '\\':
        return U'\\';
    case '/':
        return U'/';
    case 'b':
        return U'\b';
    case 'f':
        return U'\f';
    case 'n':
        return U'\n';
    case 'r':
        return U'\r';
    case 't':
        return U'\t';
    case 'u':
        return scan_unicode(rest, allow_nul);
    default:
        return ReadError::syntax;
    }
}

[[nodiscard]] Result<void, ReadError> take_escape(std::string_view& rest, std::string& text,
                                                  bool allow_nul)
{
    rest.remove_prefix(1);
    const auto code = scan_escape(rest, allow_nul);
    if (!code) return code.error();
    append_utf8(text, *code);
    return {};
}

/// One character that stands for itself.
[[nodiscard]] Result<void, ReadError> take_character(std::string_view& rest, std::string& text)
{
    if (enforced("json.raw_control") && static_cast<unsigned char>(rest.front()) < 0x20) {
        return ReadError::syntax;
    }
    auto length = utf8_length(rest);
    if (enforced("json.utf8") && length == 0) return ReadError::bad_text;
    if (length == 0) length = 1;
    text.append(rest.substr(0, length));
    rest.remove_prefix(length);
    return {};
}

/// In the place of a value, which costs half as much as assigning it.
template <class Number>
void put(Number number, Value& place)
{
    std::destroy_at(&place);
    std::construct_at(&place, number);
}

} // namespace

std::optional<ReadError> scan_number(std::string_view& rest, Value& number)
{
    // from_chars knows more spellings than JSON ("inf", "1.", ".5", "00"): the grammar comes first.
    const auto shape = number_shape(rest);
    if (shape.length == 0) return ReadError::syntax;
    const auto* const first = rest.data();
    const auto* const last = first + shape.length;
    rest.remove_prefix(shape.length);

    std::int64_t whole = 0;
    if (shape.whole && std::from_chars(first, last, whole).ec == std::errc()) {
        put(whole, number);
        return {};
    }
    double any = 0;
    if (std::from_chars(first, last, any).ec != std::errc()) return ReadError::number_range;
    put(any, number);
    return {};
}

std::optional<ReadError> scan_string(std::string_view& rest, std::string& text, bool allow_nul)
{
    rest.remove_prefix(1);
    const auto plain = plain_prefix(rest);
    if (plain < rest.size() && rest[plain] == '"') { // nearly always it is plain to its end
        text = std::string(rest.data(), plain);
        rest.remove_prefix(plain + 1);
        return {};
    }
    for (;;) {
        take_plain_bytes(rest, text);
        if (rest.empty()) return ReadError::syntax;
        const char c = rest.front();
        if (c == '"') {
            rest.remove_prefix(1);
            return {};
        }
        const auto taken =
            c == '\\' ? take_escape(rest, text, allow_nul) : take_character(rest, text);
        if (!taken) return taken.error();
    }
}

} // namespace gatehouse::auth::json
