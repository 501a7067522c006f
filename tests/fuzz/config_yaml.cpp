// Whatever stands in a configuration: reading it never crashes, its diagnostics come in order of
// position and point into the text, settings are only good without errors, and reading the same
// text again says the same.
#include "config/load/load.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

using namespace gatehouse::config;

namespace {

void require(bool holds, const char* what)
{
    if (holds) return;
    std::fprintf(stderr, "broken: %s\n", what);
    std::abort();
}

/// Line `number` of the text, counted from 1, as the reader counts.
std::string_view line_of(std::string_view text, std::size_t number)
{
    for (; number > 1; --number) {
        const auto end = text.find('\n');
        require(end != text.npos, "a place lies behind the last line");
        text.remove_prefix(end + 1);
    }
    return text.substr(0, text.find('\n'));
}

void check_places(std::string_view text, const std::vector<Diagnostic>& diagnostics)
{
    Place last;
    for (const auto& diagnostic : diagnostics) {
        if (diagnostic.place.line == 0) continue;
        require(!(diagnostic.place < last), "diagnostics are out of order");
        last = diagnostic.place;
        const auto line = line_of(text, last.line);
        require(last.column >= 1 && last.column <= line.size() + 1, "a column is not in its line");
        require(!diagnostic.excerpt.empty(), "a place without an excerpt");
        require(to_string(diagnostic).find('\x1b') == std::string::npos,
                "an escape sequence shown");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    // Reading files is a feature; a fuzzer that finds /dev/tty is not.
    if (text.find("${file:") != text.npos) return 0;
    const Environment environment{
        {"A",    "value"         },
        {"YAML", "{a: [b]}\n- &x"}
    };
    const auto loaded = load_text(text, "f.yaml", environment);
    const auto shown = text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
    check_places(shown, loaded.errors);
    check_places(shown, loaded.warnings);
    const auto again = load_text(text, "f.yaml", environment);
    require(to_string(again.errors) == to_string(loaded.errors), "the second reading differs");
    if (!loaded.ok()) return 0;
    for (const auto& route : loaded.settings.routes) {
        require(!route.match.empty() && !route.to.empty(), "a good route without match or target");
    }
    return 0;
}
