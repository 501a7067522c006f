#include "auth/json/writer.hpp"

#include "config/basics/utf8.hpp"

#include <array>
#include <charconv>

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

// A table, for an access log asks this about every byte of every request.
constexpr auto plain_characters = [] {
    std::array<bool, 256> plain{};
    for (unsigned byte = 0x20; byte < 0x7F; ++byte) plain[byte] = byte != '"' && byte != '\\';
    return plain;
}();

[[nodiscard]] bool is_plain(char c) noexcept
{
    return plain_characters[static_cast<unsigned char>(c)];
}

/// A code point up to U+00FF.
void append_number_escape(std::string& out, char c)
{
    const auto byte = static_cast<unsigned char>(c);
    out.append("\\u00");
    out.push_back(hex[byte >> 4]);
    out.push_back(hex[byte & 0x0F]);
}

void append_ascii_escape(std::string& out, char c)
{
    const char letter = short_escape(c);
    if (letter == 0) return append_number_escape(out, c);
    out.push_back('\\');
    out.push_back(letter);
}

/// U+0080 to U+009F: controls that some terminals obey, in two bytes of UTF-8.
[[nodiscard]] bool is_c1_control(std::string_view character) noexcept
{
    return character.size() == 2 && character[0] == '\xC2' &&
           static_cast<unsigned char>(character[1]) < 0xA0;
}

} // namespace

void append_string(std::string& out, std::string_view text)
{
    out.push_back('"');
    while (!text.empty()) {
        std::size_t plain = 0;
        while (plain < text.size() && is_plain(text[plain])) ++plain;
        out.append(text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.empty()) break;

        const auto length = utf8_length(text);
        const auto character = text.substr(0, length);
        if (length == 0) {
            out.append("\\ufffd");
        } else if (length == 1) {
            append_ascii_escape(out, text.front());
        } else if (is_c1_control(character)) {
            append_number_escape(out, character[1]);
        } else if (character == "\xE2\x80\xA8") {
            out.append("\\u2028"); // a line end to JavaScript and to some log readers
        } else if (character == "\xE2\x80\xA9") {
            out.append("\\u2029");
        } else {
            out.append(character);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    out.push_back('"');
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
