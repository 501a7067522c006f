#include "gateway/observe/json_store_log.hpp"

#include "gateway/observe/log_line.hpp"

#include <string>

namespace gatehouse::gateway {

void JsonStoreLog::failed(std::string_view why, std::uint64_t unsaid, auth::Millis at)
{
    say(waiting_ ? "waiting" : "failed", why, unsaid, at);
}

void JsonStoreLog::warned(std::string_view what, auth::Millis at)
{
    say("warning", what, 0, at);
}

void JsonStoreLog::say(std::string_view event, std::string_view reason, std::uint64_t unsaid,
                       auth::Millis at)
{
    std::string line = R"({"time":")";
    append_time(line, at);
    line += R"(","log":"store")";
    append_member(line, "event", event);
    append_member(line, "reason", reason);
    if (unsaid != 0) line += R"(,"more":)" + std::to_string(unsaid);
    line += '}';
    writer_.say(line);
}

} // namespace gatehouse::gateway
