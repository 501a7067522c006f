#include "config/diagnostics/source_text.hpp"

#include <algorithm>

namespace gatehouse::config {
namespace {

bool begins_character(char c)
{
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; // not a UTF-8 continuation byte
}

std::size_t characters(std::string_view text)
{
    return static_cast<std::size_t>(std::ranges::count_if(text, begins_character));
}

/// The bytes of `count` characters after the first `skip`.
std::string_view cut(std::string_view text, std::size_t skip, std::size_t count)
{
    std::size_t seen = 0;
    std::size_t begin = text.size();
    std::size_t end = text.size();
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!begins_character(text[i])) continue;
        if (seen == skip) begin = i;
        if (seen == skip + count) {
            end = i;
            break;
        }
        ++seen;
    }
    return text.substr(begin, end - std::min(begin, end));
}

std::string printable(std::string_view text)
{
    std::string out{text};
    for (char& c : out) {
        if (c == '\t') c = ' ';
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    }
    return out;
}

/// As many stars as there were characters, so that the caret stays where it belongs.
void hide(std::string& line, std::size_t begin, std::size_t end)
{
    const auto count = characters(std::string_view(line).substr(begin, end - begin));
    line.replace(begin, end - begin, std::string(count, '*'));
}

/// Without what URLs have as passwords: the line is shown for any mistake on it, also another one.
std::string without_passwords(std::string_view text)
{
    std::string line(text);
    constexpr std::string_view scheme = "://";
    for (auto i = line.find(scheme); i != line.npos; i = line.find(scheme, i + scheme.size())) {
        const auto begin = i + scheme.size();
        const auto url = std::string_view(line).substr(begin, line.find(' ', begin) - begin);
        const auto at = url.rfind('@');
        const auto colon = url.find(':');
        if (at != url.npos && colon < at) hide(line, begin + colon + 1, begin + at);
    }
    constexpr std::string_view word = "password=";
    for (auto i = line.find(word); i != line.npos; i = line.find(word, i + word.size())) {
        const auto begin = i + word.size();
        hide(line, begin, std::min(line.find_first_of("& \"'", begin), line.size()));
    }
    return line;
}

} // namespace

SourceText::SourceText(std::string_view text) : text_(text), line_starts_{0}
{
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\n') line_starts_.push_back(i + 1);
    }
}

Place SourceText::place_of(std::size_t offset) const
{
    offset = std::min(offset, text_.size());
    const auto next = std::ranges::upper_bound(line_starts_, offset);
    const auto start = *(next - 1);
    return {static_cast<std::size_t>(next - line_starts_.begin()),
            characters(text_.substr(start, offset - start)) + 1};
}

std::string_view SourceText::line(std::size_t number) const
{
    const auto start = line_starts_[number - 1];
    auto line = text_.substr(start, text_.find('\n', start) - start);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

std::string SourceText::excerpt(Place place) const
{
    if (place.line == 0 || place.line > line_starts_.size()) return {};
    constexpr std::size_t width = 100;
    constexpr std::size_t before = 60; // of a long line: enough to see what precedes the caret
    const auto skip = place.column > width ? place.column - before : 0;
    const auto shown = printable(cut(without_passwords(line(place.line)), skip, width));
    return "    " + shown + "\n" + std::string(4 + place.column - 1 - skip, ' ') + "^\n";
}

} // namespace gatehouse::config
