#include "gateway/observe/event_log.hpp"

#include "auth/json/writer.hpp"
#include "gateway/observe/line_parts.hpp"
#include "gateway/observe/log_line.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <exception>
#include <vector>

namespace gatehouse::gateway {
namespace {

void append_list(std::string& line, const Fact& fact)
{
    line.append(",\"").append(fact.name).append("\":[");
    for (const auto& text : fact.many) {
        if (&text != &fact.many.front()) line += ',';
        auth::json::append_string(line, text);
    }
    line += ']';
}

std::string json_line(const Event& event)
{
    std::string line = R"({"time":")";
    append_time(line, event.at);
    line += '"';
    append_member(line, "log", event.log);
    append_member(line, "level", event.level);
    append_member(line, "event", event.name);
    append_member(line, "message", event.message);
    for (const auto& fact : event.facts) {
        if (!fact.many.empty()) {
            append_list(line, fact);
        } else if (fact.is_number && !fact.value.empty()) {
            line.append(",\"").append(fact.name).append("\":").append(fact.value);
        } else {
            append_member(line, fact.name, fact.value);
        }
    }
    line += '}';
    return line;
}

/// A sentence may have blanks, and nothing else that a word may not.
void append_sentence(std::string& out, std::string_view text)
{
    const auto begin = out.size();
    out.resize(begin + most_word_bytes(text.size()));
    LineCursor cursor(out.data() + begin);
    while (!text.empty()) {
        const auto blank = std::min(text.find(' '), text.size());
        put_word(cursor, text.substr(0, blank));
        if (blank == text.size()) break;
        cursor.put(' ');
        text.remove_prefix(blank + 1);
    }
    out.resize(static_cast<std::size_t>(cursor.at() - out.data()));
}

std::string line_for_people(const Event& event)
{
    constexpr std::size_t date_bytes = std::string_view("2026-11-21T").size();
    std::string time;
    append_time(time, event.at);
    std::string line = time.substr(date_bytes, time.size() - date_bytes - 1);
    for (const auto word : {event.level, event.log, event.name}) {
        if (word.empty()) continue;
        line += ' ';
        line += word;
    }
    if (!event.message.empty()) {
        line += ": ";
        append_sentence(line, event.message);
    }
    for (const auto& fact : event.facts) {
        const auto list = fmt::format("{}", fmt::join(fact.many, ","));
        append_named_word(line, fact.name, list.empty() ? fact.value : list);
    }
    return line;
}

} // namespace

std::string event_line(const Event& event, bool for_people)
{
    return for_people ? line_for_people(event) : json_line(event);
}

EventLog::EventLog(LogWriter& writer, const config::LogSettings& settings)
    : writer_(writer),
      for_people_(settings.format == config::LogFormat::dev),
      redactor_(settings),
      level_(settings.level)
{
}

void EventLog::say(config::LogLevel level, std::string_view event, std::string_view message,
                   std::initializer_list<Fact> facts) noexcept
{
    if (!says(level)) return;
    Event said;
    said.at = auth::SystemClock().now();
    said.level = config::word_for(level);
    said.name = event;
    said.message = message;
    said.facts = {facts.begin(), facts.size()};
    write(said);
}

void EventLog::write(const Event& event) noexcept
{
    try {
        // A reason may be another program's words, with a URL and its password in it.
        std::vector<std::string> texts(event.facts.size() + 1);
        std::vector<std::vector<std::string>> lists(event.facts.size());
        std::vector<Fact> facts;
        redactor_.append_text(texts.back(), event.message);
        for (std::size_t i = 0; i < event.facts.size(); ++i) {
            const auto& fact = event.facts[i];
            redactor_.append_text(texts[i], fact.value);
            for (const auto& text : fact.many) {
                redactor_.append_text(lists[i].emplace_back(), text);
            }
            facts.push_back({fact.name, texts[i], fact.is_number, lists[i]});
        }
        auto careful = event;
        careful.message = texts.back();
        careful.facts = facts;
        writer_.say(event_line(careful, for_people_));
    } catch (const std::exception&) { // no memory for a line
        writer_.lose_line();
    }
}

} // namespace gatehouse::gateway
