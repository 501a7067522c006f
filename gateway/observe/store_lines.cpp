#include "gateway/observe/store_lines.hpp"

#include <array>
#include <string>

namespace gatehouse::gateway {

void StoreLines::failed(std::string_view why, std::uint64_t unsaid, auth::Millis at)
{
    if (waiting_) return say(config::LogLevel::warn, "waiting", why, unsaid, at);
    say(config::LogLevel::error, "failed", why, unsaid, at);
}

void StoreLines::warned(std::string_view what, auth::Millis at)
{
    say(config::LogLevel::warn, "warning", what, 0, at);
}

void StoreLines::say(config::LogLevel level, std::string_view event, std::string_view reason,
                     std::uint64_t unsaid, auth::Millis at)
{
    if (!log_.says(level)) return;
    const auto more = unsaid == 0 ? std::string{} : std::to_string(unsaid);
    const std::array<Fact, 2> facts{
        {{"reason", reason}, {"more", more, true}}
    };
    Event line;
    line.at = at;
    line.log = "store";
    line.level = config::word_for(level);
    line.name = event;
    line.facts = facts;
    log_.write(line);
}

} // namespace gatehouse::gateway
