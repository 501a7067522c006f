#include "gateway/command/describe/roff.hpp"

namespace gatehouse::gateway::roff {
namespace {

constexpr std::size_t longest_line = 76;

bool ends_sentence(std::string_view word)
{
    while (!word.empty() && std::string_view{")`*"}.find(word.back()) != word.npos)
        word.remove_suffix(1);
    return word.ends_with('.') || word.ends_with('?') || word.ends_with('!');
}

/// What is open at a word: a paragraph has `code` and **what matters**, both in bold.
enum class Bold { none, code, strong };

std::string set_word(std::string_view word, Bold& open)
{
    std::string out;
    std::string plain;
    const auto turn = [&](Bold to) {
        out += escaped(plain) + (to == Bold::none ? "\\fR" : "\\fB");
        plain.clear();
        open = to;
    };
    for (std::size_t i = 0; i < word.size(); ++i) {
        const bool stars = open != Bold::code && word.substr(i, 2) == "**";
        if (word[i] == '`' && open != Bold::strong) {
            turn(open == Bold::code ? Bold::none : Bold::code);
        } else if (stars) {
            turn(open == Bold::strong ? Bold::none : Bold::strong);
            ++i;
        } else {
            plain += word[i];
        }
    }
    return out + escaped(plain);
}

} // namespace

std::string escaped(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else {
            out += c;
        }
    }
    // A dot or a quotation mark that begins a line would make a request of it.
    if (out.starts_with('.') || out.starts_with('\'')) out.insert(0, "\\&");
    return out;
}

std::string paragraph(std::string_view text)
{
    std::string out;
    std::string line;
    auto open = Bold::none;
    const auto end_line = [&] {
        if (!line.empty()) out += line + "\n";
        line.clear();
    };
    while (!text.empty()) {
        const auto blank = text.find(' ');
        const auto word = text.substr(0, blank);
        text.remove_prefix(blank == text.npos ? text.size() : blank + 1);
        if (word.empty()) continue;
        const auto set = set_word(word, open);
        if (line.size() + set.size() > longest_line) end_line();
        line += (line.empty() ? "" : " ") + set;
        if (ends_sentence(word)) end_line();
    }
    end_line();
    return out;
}

} // namespace gatehouse::gateway::roff
