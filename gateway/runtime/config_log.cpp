#include "gateway/runtime/config_log.hpp"

#include <fmt/format.h>

#include <array>
#include <string>

namespace gatehouse::gateway {
namespace {

using config::LogLevel;

std::string place_of(const config::Diagnostic& mistake)
{
    if (mistake.place.line == 0) return mistake.source;
    return fmt::format("{}:{}:{}", mistake.source, mistake.place.line, mistake.place.column);
}

Event event_of(const ReloadReport& report, LogLevel level, std::string_view name)
{
    Event event;
    event.at = report.at;
    event.log = "config";
    event.level = config::word_for(level);
    event.name = name;
    return event;
}

void tell_success(EventLog& events, const ReloadReport& report)
{
    const auto level = report.needs_restart.empty() ? LogLevel::info : LogLevel::warn;
    if (!events.says(level)) return;
    const auto generation = std::to_string(report.generation);
    const std::array<Fact, 4> facts{
        {{"why", report.why},
         {"generation", generation, true},
         {"changed", {}, false, report.changed},
         {"needs_restart", {}, false, report.needs_restart}}
    };
    auto event = event_of(report, level, report.changed.empty() ? "reload_unchanged" : "reloaded");
    event.facts = facts;
    events.write(event);
}

void tell_mistake(EventLog& events, const ReloadReport& report, const config::Diagnostic& mistake)
{
    const auto generation = std::to_string(report.generation);
    const auto place = place_of(mistake);
    const std::array<Fact, 5> facts{
        {{"why", report.why},
         {"generation", generation, true},
         {"place", place},
         {"key", mistake.key},
         {"hint", mistake.hint}}
    };
    auto event = event_of(report, LogLevel::error, "reload_failed");
    event.message = mistake.message;
    event.facts = facts;
    events.write(event);
}

} // namespace

void tell_reload(EventLog& events, const ReloadReport& report)
{
    if (report.ok) return tell_success(events, report);
    for (const auto& mistake : report.errors) tell_mistake(events, report, mistake);
}

} // namespace gatehouse::gateway
