#include "config/basics/enforced.hpp"
#include "config/environment/read_file.hpp"
#include "config/forms/forms.hpp"
#include "config/load/secrets.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

namespace gatehouse::config {
namespace {

constexpr std::size_t longest_headers_file = 16384;
constexpr auto variable = "OTEL_EXPORTER_OTLP_HEADERS";

std::string_view trimmed(std::string_view text)
{
    constexpr auto blanks = " \t\r";
    const auto begin = text.find_first_not_of(blanks);
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// Calls `use` for each part between two `mark`s that is not blank; false as soon as one call says
/// so.
template <class Use>
bool each_part(std::string_view text, char mark, Use use)
{
    while (!text.empty()) {
        const auto end = std::min(text.find(mark), text.size());
        const auto part = trimmed(text.substr(0, end));
        if (!part.empty() && !use(part)) return false;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return true;
}

int digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string decoded(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape = text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
                            digit(text[i + 2]) >= 0;
        out += escape ? static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])) : text[i];
        if (escape) i += 2;
    }
    return out;
}

/// Appends `name: value` and a line break. false: that would be no header.
bool append(std::string& lines, std::string_view name, std::string_view value)
{
    const bool sendable = std::ranges::all_of(
        value, [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != '\x7f'; });
    if (enforced("config.tracing_headers") &&
        (forms::header_name.check(name).has_value() || value.empty() || !sendable))
        return false;
    lines.append(name).append(": ").append(value) += '\n';
    return true;
}

bool append_parts(std::string& lines, std::string_view text, char between, char behind_name,
                  bool is_encoded)
{
    return each_part(text, between, [&](std::string_view part) {
        const auto end = part.find(behind_name);
        if (end == part.npos) return false;
        const auto name = trimmed(part.substr(0, end));
        const auto value = trimmed(part.substr(end + 1));
        return append(lines, name, is_encoded ? decoded(value) : std::string(value));
    });
}

} // namespace

void take_tracing_headers(TracingSettings& tracing, const Environment& environment,
                          const std::string& folder, const Node& root, Report& report)
{
    if (!tracing.is_on()) return;
    const std::string key = "tracing.headers_file";
    std::string lines;
    if (tracing.headers_file.empty()) {
        const auto text = find(environment, variable).value_or("");
        if (!append_parts(lines, text, ',', '=', true)) {
            report.error(variable, {"is no list of headers", "write name=value,name=value"});
        }
    } else {
        const auto path = (std::filesystem::path{folder} / tracing.headers_file).string();
        report.draws_in(path);
        auto content = read_file(path, longest_headers_file);
        if (!content) {
            report.error(nearest_node(root, key), key,
                         {path + " " + content.error().message,
                          "write the headers into that file, readable for this user"});
            return;
        }
        const Secret kept{std::move(*content)};
        if (!append_parts(lines, kept.reveal(), '\n', ':', false)) {
            report.error(
                nearest_node(root, key), key,
                {path + " has a line that is no header", "write one name: value per line"});
        }
    }
    tracing.headers = Secret{std::move(lines)};
}

} // namespace gatehouse::config
