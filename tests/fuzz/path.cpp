// Property: a judged path is judged to be itself, holds nothing that is refused, and a slow
// independent reading of the same contract comes to the same answer.
#include "gateway/routing/path.hpp"

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

namespace {

using gatehouse::gateway::normalise_path;

int digit(char c)
{
    const std::string digits = "0123456789abcdef";
    const auto at = digits.find(static_cast<char>(c >= 'A' && c <= 'F' ? c + 32 : c));
    return at == std::string::npos ? -1 : static_cast<int>(at);
}

bool unreserved(int c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string{"-._~"}.find(static_cast<char>(c)) != std::string::npos;
}

/// One unit of a path: a plain byte, or an escape that stays one (three characters).
struct Unit {
    std::string text;
    int byte = 0;
    bool escape = false;
};

std::optional<std::vector<Unit>> units_of(const std::string& path)
{
    std::vector<Unit> units;
    for (std::size_t i = 0; i < path.size(); ++i) {
        const auto byte = static_cast<unsigned char>(path[i]);
        if (byte != '%') {
            if (byte < 0x21 || byte > 0x7e || byte == '\\' || byte == '#' || byte == '?') return {};
            units.push_back({path.substr(i, 1), byte, false});
            continue;
        }
        const auto text = path.substr(i, 3);
        if (text.size() < 3 || digit(text[1]) < 0 || digit(text[2]) < 0) return {};
        const int value = digit(text[1]) * 16 + digit(text[2]);
        if (value < 0x20 || value == 0x7f || value == '/' || value == '\\') return {};
        if (unreserved(value))
            units.push_back({std::string(1, static_cast<char>(value)), value});
        else
            units.push_back({text, value, true});
        i += 2;
    }
    return units;
}

bool twice_escaped(const std::vector<Unit>& units, std::size_t at)
{
    if (!units[at].escape || units[at].byte != '%' || at + 2 >= units.size()) return false;
    const auto hex = [&](const Unit& u) { return !u.escape && digit(u.text[0]) >= 0; };
    return hex(units[at + 1]) && hex(units[at + 2]);
}

/// The contract, read slowly: units, then a list of segments, then the text.
std::optional<std::string> slow_reference(const std::string& path)
{
    const auto units = units_of(path);
    if (!units || units->empty() || units->front().text != "/") return {};
    std::vector<std::string> sent;
    for (std::size_t i = 0; i < units->size(); ++i) {
        if (twice_escaped(*units, i)) return {};
        if ((*units)[i].text == "/")
            sent.emplace_back();
        else
            sent.back() += (*units)[i].text;
    }
    std::vector<std::string> kept;
    for (const auto& segment : sent) {
        if (segment == "..") {
            if (kept.empty()) return {};
            kept.pop_back();
        } else if (!segment.empty() && segment != ".") {
            kept.push_back(segment);
        }
    }
    const auto& last = sent.back();
    std::string text;
    for (const auto& segment : kept) {
        const auto cut = segment.find(';');
        const auto name = segment.substr(0, cut);
        if (cut != std::string::npos && (name.empty() || name == "." || name == "..")) return {};
        for (const std::string dots : {".", ".."}) {
            if (segment.starts_with(dots + "%3b") || segment.starts_with(dots + "%3B")) return {};
        }
        text += "/" + segment;
    }
    if (last.empty() || last == "." || last == "..") text += "/";
    return text;
}

void require(bool holds)
{
    if (!holds) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string path{reinterpret_cast<const char*>(data), size};
    std::string scratch;
    const auto normal = normalise_path(path, scratch);
    const auto expected = slow_reference(path);
    require(normal.has_value() == expected.has_value());
    if (!normal) return 0;

    const std::string text{normal->text};
    require(text == *expected);
    require(normal->has_params == (text.find(';') != std::string::npos));
    require(text.find("//") == std::string::npos && text.find("/./") == std::string::npos &&
            text.find("/../") == std::string::npos);

    const auto again = normalise_path(text, scratch);
    require(again.has_value() && again->text == text);
    return 0;
}
