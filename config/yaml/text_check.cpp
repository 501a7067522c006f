#include "config/yaml/text_check.hpp"

#include "config/basics/utf8.hpp"

#include <fmt/format.h>

namespace gatehouse::config {
namespace {

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
        const auto length = utf8_length(text.substr(i));
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

bool is_open_quote(std::string_view text, std::size_t offset) noexcept
{
    const char mark = offset < text.size() ? text[offset] : '\0';
    if (mark != '"' && mark != '\'') return false;
    for (auto i = offset + 1; i < text.size(); ++i) {
        if (mark == '"' && text[i] == '\\') {
            ++i;
        } else if (text[i] == mark) {
            const bool stands_for_itself = mark == '\'' && text.substr(i + 1).starts_with(mark);
            if (!stands_for_itself) return false;
            ++i;
        }
    }
    return true;
}

} // namespace gatehouse::config
