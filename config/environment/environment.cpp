#include "config/environment/environment.hpp"

#include "config/diagnostics/report.hpp"
#include "config/environment/names.hpp"
#include "config/environment/read_file.hpp"

#include <unistd.h>

namespace gatehouse::config {
namespace {

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r";
    const auto first = text.find_first_not_of(blanks);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// The value without its quotation marks; nothing when they are not closed.
std::optional<std::string_view> unquoted(std::string_view value)
{
    if (value.empty() || (value.front() != '"' && value.front() != '\'')) return value;
    if (value.size() < 2 || value.back() != value.front()) return {};
    return value.substr(1, value.size() - 2);
}

void add_line(std::string_view line, std::size_t offset, Environment& environment, Report& report)
{
    line = trimmed(line);
    if (line.empty() || line.front() == '#') return;
    if (line.starts_with("export ")) line = trimmed(line.substr(7));
    const auto equals = line.find('=');
    const auto name = trimmed(line.substr(0, equals));
    if (equals == line.npos || !is_variable_name(name)) {
        report.error(offset, "", {"this line is not NAME=value", "comments begin with #"});
        return;
    }
    const auto value = unquoted(trimmed(line.substr(equals + 1)));
    if (!value) {
        report.error(offset, name, {"the quotation mark is not closed", ""});
        return;
    }
    environment.try_emplace(std::string{name}, *value); // what is known already wins
}

} // namespace

Environment process_environment()
{
    Environment result;
    for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
        const std::string_view line{*variable};
        const auto equals = line.find('=');
        if (equals == line.npos) continue;
        result.try_emplace(std::string{line.substr(0, equals)}, line.substr(equals + 1));
    }
    return result;
}

std::optional<std::string_view> find(const Environment& environment, std::string_view name)
{
    const auto found = environment.find(name);
    if (found == environment.end()) return {};
    return found->second;
}

std::vector<Diagnostic> add_env_text(std::string_view text, const std::string& source,
                                     Environment& environment)
{
    // The file's own later lines win over its earlier ones, the environment over all of them.
    Report report{source, text};
    Environment lines;
    for (std::size_t start = 0; start < text.size();) {
        const auto end = std::min(text.find('\n', start), text.size());
        Environment line;
        add_line(text.substr(start, end - start), start, line, report);
        for (auto& [name, value] : line) lines[name] = std::move(value);
        start = end + 1;
    }
    environment.merge(lines);
    auto errors = report.errors();
    for (auto& error : errors) error.excerpt.clear(); // such a line may hold a secret
    return errors;
}

std::vector<Diagnostic> add_env_file(const std::string& path, Environment& environment)
{
    const auto text = read_file(path, 1024 * 1024);
    if (text) return add_env_text(*text, path, environment);
    Report report{path, ""};
    report.error("", {text.error().message, "name an existing file with --env-file"});
    return report.errors();
}

} // namespace gatehouse::config
