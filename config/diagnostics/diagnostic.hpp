#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace gatehouse::config {

/// A place in a file, both counted from 1, columns in characters. Line 0: no place.
struct Place {
    std::size_t line = 0;
    std::size_t column = 0;

    friend auto operator<=>(const Place&, const Place&) = default;
};

enum class Severity { error, warning };

/// One mistake of an operator, with all that is needed to show it.
struct Diagnostic {
    Severity severity = Severity::error;
    std::string source; // a file's name, or an option such as --upstream
    Place place;
    std::string key; // path of the key, `routes[2].match`; empty: the file as a whole
    std::string message;
    std::string excerpt; // the line, made printable, and below it a caret; empty: not to be shown
    std::string hint;    // the way out; may be empty
};

/// In the form
///   gateway.yaml:3:15: tokens.access_ttl: "15 parsecs" is not a duration
///         access_ttl: 15 parsecs
///                     ^
///     hint: write a number and a unit (s, m, h or d), for example 15m
/// with a line break at the end.
[[nodiscard]] std::string to_string(const Diagnostic& diagnostic);
[[nodiscard]] std::string to_string(const std::vector<Diagnostic>& diagnostics);

} // namespace gatehouse::config
