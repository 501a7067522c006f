#include "auth/store/postgres/bytes.hpp"

#include <charconv>

namespace gatehouse::auth::postgres {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view hex_mark = "\\x";

} // namespace

std::string to_bytea(std::string_view bytes)
{
    std::string text(hex_mark);
    text.reserve(hex_mark.size() + 2 * bytes.size());
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        text += hex_digits[value >> 4U];
        text += hex_digits[value & 15U];
    }
    return text;
}

std::string from_bytea(std::string_view text)
{
    if (!text.starts_with(hex_mark) || text.size() % 2 != 0) return {};
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (auto at = hex_mark.size(); at < text.size(); at += 2) {
        unsigned value = 0;
        const auto* begin = text.data() + at;
        const auto read = std::from_chars(begin, begin + 2, value, 16);
        if (read.ptr != begin + 2) return {};
        bytes += static_cast<char>(value);
    }
    return bytes;
}

std::string to_bytea_array(std::span<const std::string> strings)
{
    std::string text = "{";
    for (const auto& string : strings) {
        // In quotes a backslash is written twice.
        text += (text.size() > 1 ? ",\"\\" : "\"\\") + to_bytea(string) + '"';
    }
    return text + '}';
}

} // namespace gatehouse::auth::postgres
