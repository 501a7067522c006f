#include "config/yaml/text_check.hpp"

#include <fmt/format.h>

namespace gatehouse::config {
namespace {

bool continues(std::string_view text, std::size_t at)
{
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
}

/// Length of the UTF-8 character at `at`, 0 when it is none (overlong forms, surrogates and what
/// lies above U+10FFFF are none).
std::size_t character_length(std::string_view text, std::size_t at)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    if (byte(0) < 0x80) return 1;
    if (byte(0) < 0xC2 || byte(0) > 0xF4) return 0;
    const std::size_t length = byte(0) < 0xE0 ? 2 : byte(0) < 0xF0 ? 3 : 4;
    for (std::size_t i = 1; i < length; ++i) {
        if (!continues(text, at + i)) return 0;
    }
    if (byte(0) == 0xE0 && byte(1) < 0xA0) return 0; // overlong
    if (byte(0) == 0xED && byte(1) > 0x9F) return 0; // surrogates
    if (byte(0) == 0xF0 && byte(1) < 0x90) return 0; // overlong
    if (byte(0) == 0xF4 && byte(1) > 0x8F) return 0; // above U+10FFFF
    return length;
}

bool is_forbidden_control(std::string_view text, std::size_t at)
{
    const auto c = static_cast<unsigned char>(text[at]);
    if (c == '\r') return at + 1 >= text.size() || text[at + 1] != '\n';
    return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7F;
}

} // namespace

std::optional<TextMistake> find_text_mistake(std::string_view text, std::size_t longest)
{
    if (text.size() > longest) {
        return TextMistake{
            0, {fmt::format("the file has more than {} bytes", longest), ""}
        };
    }
    for (std::size_t i = 0; i < text.size();) {
        const auto length = character_length(text, i);
        if (length == 0) {
            return TextMistake{
                i, {"this byte is not UTF-8", "save the file as UTF-8"}
            };
        }
        if (is_forbidden_control(text, i)) {
            const auto code = static_cast<unsigned>(static_cast<unsigned char>(text[i]));
            return TextMistake{
                i, {fmt::format("a control character (0x{:02x})", code), "remove it"}
            };
        }
        i += length;
    }
    return {};
}

} // namespace gatehouse::config
