#include "config/diagnostics/diagnostic.hpp"

#include <fmt/format.h>

namespace gatehouse::config {

std::string to_string(const Diagnostic& diagnostic)
{
    std::string text = diagnostic.source;
    if (diagnostic.place.line > 0) {
        text += fmt::format(":{}:{}", diagnostic.place.line, diagnostic.place.column);
    }
    if (diagnostic.severity == Severity::warning) text += ": warning";
    if (!diagnostic.key.empty()) text += ": " + diagnostic.key;
    text += ": " + diagnostic.message + "\n" + diagnostic.excerpt;
    if (!diagnostic.hint.empty()) text += "  hint: " + diagnostic.hint + "\n";
    return text;
}

std::string to_string(const std::vector<Diagnostic>& diagnostics)
{
    std::string text;
    for (const auto& diagnostic : diagnostics) text += to_string(diagnostic);
    return text;
}

} // namespace gatehouse::config
