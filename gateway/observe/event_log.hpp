#pragma once

#include "auth/basics/clock.hpp"
#include "config/settings/log.hpp"
#include "gateway/observe/log_writer.hpp"
#include "gateway/observe/redactor.hpp"

#include <atomic>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// One more thing that a line says. What is empty is left out.
struct Fact {
    std::string_view name;
    std::string_view value;
    bool is_number = false;              // JSON shows it without quotes
    std::span<const std::string> many{}; // instead of `value`: a list of texts
};

/// A line that is not about a request.
struct Event {
    auth::Millis at{};
    std::string_view log = "gateway"; // which of the logs: gateway, config, store, security
    std::string_view level;           // empty: it has none and is written at every level
    std::string_view name;
    std::string_view message;
    std::span<const Fact> facts;
};

/// As JSON, `{"time":..,"log":..,"level":..,"event":..,"message":..,<facts>}`, or for people,
/// `12:00:00.123 warn store failed: message reason=...`. Without the end of the line.
[[nodiscard]] std::string event_line(const Event& event, bool for_people);

/// What the gateway says of itself and of accounts: never a credential, whatever it is handed.
/// Any thread may call it.
class EventLog {
public:
    /// `writer` outlives the log.
    EventLog(LogWriter& writer, const config::LogSettings& settings);

    /// While the gateway runs; lines of a level beyond it are not written.
    void set_level(config::LogLevel level) noexcept { level_ = level; }

    [[nodiscard]] config::LogLevel level() const noexcept { return level_; }

    [[nodiscard]] bool says(config::LogLevel level) const noexcept { return level <= level_; }

    /// A line of the gateway's own: `message` is a sentence, `event` a word to search for.
    void say(config::LogLevel level, std::string_view event, std::string_view message,
             std::initializer_list<Fact> facts = {}) noexcept;

    /// A line of one of the other logs; `level` decides as above.
    void write(const Event& event) noexcept;

    [[nodiscard]] const Redactor& redactor() const noexcept { return redactor_; }

private:
    LogWriter& writer_;
    const bool for_people_;
    const Redactor redactor_;
    std::atomic<config::LogLevel> level_;
};

} // namespace gatehouse::gateway
