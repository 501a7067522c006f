#include "gateway/observe/json_store_log.hpp"

#include "gateway/observe/log_line.hpp"

#include <string>

namespace gatehouse::gateway {

void JsonStoreLog::failed(std::string_view why, std::uint64_t unsaid, auth::Millis at)
{
    std::string line = R"({"time":")";
    append_time(line, at);
    line += R"(","log":"store")";
    append_member(line, "event", waiting_ ? "waiting" : "failed");
    append_member(line, "reason", why);
    if (unsaid != 0) line += R"(,"more":)" + std::to_string(unsaid);
    line += '}';
    writer_.say(line);
}

} // namespace gatehouse::gateway
