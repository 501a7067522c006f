#include "gateway/runtime/config_log.hpp"

#include "auth/json/writer.hpp"
#include "gateway/observe/log_line.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gatehouse::gateway {
namespace {

std::string event_of(const ReloadReport& report)
{
    if (!report.ok) return "reload_failed";
    return report.changed.empty() ? "reload_unchanged" : "reloaded";
}

std::string place_of(const config::Diagnostic& mistake)
{
    if (mistake.place.line == 0) return mistake.source;
    return fmt::format("{}:{}:{}", mistake.source, mistake.place.line, mistake.place.column);
}

void append_list(std::string& line, std::string_view name, const std::vector<std::string>& keys)
{
    if (keys.empty()) return;
    line.append(",\"").append(name).append("\":[");
    for (const auto& key : keys) {
        if (&key != &keys.front()) line += ',';
        auth::json::append_string(line, key);
    }
    line += ']';
}

std::string begun(const ReloadReport& report)
{
    std::string line = R"({"time":")";
    append_time(line, report.at);
    line += R"(","log":"config")";
    append_member(line, "event", event_of(report));
    append_member(line, "why", report.why);
    line += fmt::format(R"(,"generation":{})", report.generation);
    return line;
}

std::vector<std::string> json_lines(const ReloadReport& report)
{
    std::vector<std::string> lines;
    if (report.ok) {
        auto& line = lines.emplace_back(begun(report));
        append_list(line, "changed", report.changed);
        append_list(line, "needs_restart", report.needs_restart);
        line += '}';
    }
    for (const auto& mistake : report.errors) {
        auto& line = lines.emplace_back(begun(report));
        append_member(line, "place", place_of(mistake));
        append_member(line, "key", mistake.key);
        append_member(line, "message", mistake.message);
        append_member(line, "hint", mistake.hint);
        line += '}';
    }
    return lines;
}

std::string without_line_breaks(std::string text)
{
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < ' ') c = ' ';
    }
    return text;
}

std::vector<std::string> dev_lines(const ReloadReport& report)
{
    std::string time;
    append_time(time, report.at);
    constexpr std::size_t date_bytes = std::string_view("2026-11-21T").size();
    const auto head =
        fmt::format("{} config {} by {}",
                    std::string_view(time).substr(date_bytes, time.size() - date_bytes - 1),
                    event_of(report), report.why);
    std::vector<std::string> lines;
    if (report.ok) {
        auto& line = lines.emplace_back(head);
        if (!report.changed.empty())
            line += fmt::format(": generation {}, {}", report.generation,
                                fmt::join(report.changed, ", "));
        if (!report.needs_restart.empty())
            line += fmt::format("; needs a restart: {}", fmt::join(report.needs_restart, ", "));
    }
    for (const auto& mistake : report.errors) {
        auto line = fmt::format("{}: {}{}{}: {}", head, place_of(mistake),
                                mistake.key.empty() ? "" : ": ", mistake.key, mistake.message);
        if (!mistake.hint.empty()) line += fmt::format(" (hint: {})", mistake.hint);
        lines.push_back(without_line_breaks(std::move(line)));
    }
    return lines;
}

} // namespace

std::vector<std::string> reload_lines(const ReloadReport& report, config::LogFormat format)
{
    return format == config::LogFormat::dev ? dev_lines(report) : json_lines(report);
}

void write_reload(LogWriter& writer, const ReloadReport& report, config::LogFormat format)
{
    for (const auto& line : reload_lines(report, format)) writer.say(line);
}

} // namespace gatehouse::gateway
