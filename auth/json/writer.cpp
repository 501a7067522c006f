#include "auth/json/writer.hpp"

#include "config/basics/sixteen.hpp"
#include "config/basics/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace gatehouse::auth::json {

namespace {

constexpr std::string_view hex = "0123456789abcdef";

/// The two-character escape of RFC 8259, 7, or 0.
[[nodiscard]] constexpr char short_escape(char c) noexcept
{
    switch (c) {
    case '"':
        return '"';
    case '\\':
        return '\\';
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

constexpr bool is_plain(char c) noexcept
{
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

char* put(char* out, std::string_view text) noexcept
{
    std::memcpy(out, text.data(), text.size());
    return out + text.size();
}

/// `front` and the two digits of a byte.
char* put_escape(char* out, std::string_view front, unsigned byte) noexcept
{
    out = put(out, front);
    *out++ = hex[byte >> 4U];
    *out++ = hex[byte & 0x0FU];
    return out;
}

/// A code point up to U+00FF.
char* put_number_escape(char* out, char c) noexcept
{
    return put_escape(out, "\\u00", static_cast<unsigned char>(c));
}

char* put_ascii_escape(char* out, char c) noexcept
{
    const char letter = short_escape(c);
    if (letter == 0) return put_number_escape(out, c);
    *out++ = '\\';
    *out++ = letter;
    return out;
}

/// U+0080 to U+009F: controls that some terminals obey, in two bytes of UTF-8.
[[nodiscard]] bool is_c1_control(std::string_view character) noexcept
{
    return character.size() == 2 && character[0] == '\xC2' &&
           static_cast<unsigned char>(character[1]) < 0xA0;
}

/// Line ends to JavaScript and to some log readers, and what turns the direction of a text, so that
/// a line reads as another one: the lower byte of such a U+20xx, else 0.
[[nodiscard]] unsigned misleading(std::string_view character) noexcept
{
    if (character.size() != 3 || character[0] != '\xE2') return 0;
    const auto middle = static_cast<unsigned char>(character[1]);
    if (middle != 0x80 && middle != 0x81) return 0;
    const auto low = (middle & 1U) << 6U | (static_cast<unsigned char>(character[2]) & 0x3FU);
    const bool is_one =
        low == 0x0E || low == 0x0F || (low >= 0x28 && low <= 0x2E) || (low >= 0x66 && low <= 0x69);
    return is_one ? low : 0;
}

Sixteen::Mask are_plain(Sixteen bytes) noexcept
{
    return bytes.between(' ', '!') | bytes.between('#', '[') | bytes.between(']', '~');
}

/// Copies the bytes at the front of `text` that may stand as they are; returns how many those were.
/// There is room for all of `text`.
std::size_t copy_plain(char* out, std::string_view text) noexcept
{
    std::size_t at = 0;
    if (text.size() >= Sixteen::size) {
        // The last sixteen overlap what was found plain before.
        const auto last = text.size() - Sixteen::size;
        for (;; at = std::min(at + Sixteen::size, last)) {
            const Sixteen bytes(text.data() + at);
            bytes.copy_to(out + at);
            const auto plain = are_plain(bytes).prefix();
            if (plain != Sixteen::size) return at + plain;
            if (at == last) return text.size();
        }
    }
    if (text.size() >= Sixteen::size / 2) {
        const auto ends = Sixteen::ends_of(text);
        ends.copy_ends_to(out, text.size());
        if (are_plain(ends).all()) return text.size();
    }
    for (; at < text.size() && is_plain(text[at]); ++at) out[at] = text[at];
    return at;
}

/// Takes one character that may not, or a byte that is none.
char* take_other(char* out, std::string_view& text) noexcept
{
    const auto length = utf8_length(text);
    const auto character = text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
    if (length == 0) return put(out, "\\ufffd");
    if (length == 1) return put_ascii_escape(out, character.front());
    if (is_c1_control(character)) return put_number_escape(out, character[1]);
    if (const auto low = misleading(character)) return put_escape(out, "\\u20", low);
    if (character == "\xD8\x9C") return put(out, "\\u061c"); // turns the text as those do
    return put(out, character);
}

/// The rest of a string from its first character that may not stand as it is, and the quote. Out
/// of the way, so that plain strings need not save what only this uses.
[[gnu::noinline]] char* write_rest(char* out, std::string_view text) noexcept
{
    while (!text.empty()) {
        if (!is_plain(text.front())) {
            out = take_other(out, text);
            continue;
        }
        *out++ = text.front();
        text.remove_prefix(1);
    }
    *out++ = '"';
    return out;
}

} // namespace

char* write_string(char* out, std::string_view text) noexcept
{
    *out++ = '"';
    const auto plain = copy_plain(out, text);
    out += plain;
    if (plain != text.size()) return write_rest(out, text.substr(plain));
    *out++ = '"';
    return out;
}

void append_string(std::string& out, std::string_view text)
{
    const auto begin = out.size();
    out.resize(begin + most_string_bytes(text.size()));
    const auto* const end = write_string(out.data() + begin, text);
    out.resize(static_cast<std::size_t>(end - out.data()));
}

std::string quote(std::string_view text)
{
    std::string out;
    out.reserve(text.size() + 2);
    append_string(out, text);
    return out;
}

void Writer::open(char bracket)
{
    separate();
    out_.push_back(bracket);
    first_ = true;
}

void Writer::close(char bracket)
{
    out_.push_back(bracket);
    first_ = false;
}

void Writer::separate()
{
    if (!first_) out_.push_back(',');
    first_ = false;
}

void Writer::name(std::string_view name)
{
    separate();
    append_string(out_, name);
    out_.push_back(':');
    first_ = true; // the value follows without a comma
}

void Writer::string(std::string_view value)
{
    separate();
    append_string(out_, value);
}

void Writer::integer(std::int64_t value)
{
    separate();
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out_.append(digits, end);
}

void Writer::boolean(bool value)
{
    separate();
    out_.append(value ? "true" : "false");
}

void Writer::null()
{
    separate();
    out_.append("null");
}

} // namespace gatehouse::auth::json
