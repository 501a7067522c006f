#include "gateway/observe/json_security_log.hpp"

#include "gateway/observe/log_line.hpp"

#include <string>

namespace gatehouse::gateway {

void JsonSecurityLog::record(const auth::SecurityEvent& event) noexcept
{
    std::string line = R"({"time":")";
    append_time(line, event.at);
    line += R"(","log":"security")";
    append_member(line, "event", to_string(event.kind));
    append_member(line, "outcome", event.outcome);
    append_member(line, "user_id", event.user_id);
    append_member(line, "session_id", event.session_id);
    append_member(line, "client", event.address);
    append_member(line, "request_id", event.request_id);
    append_member(line, "detail", event.detail);
    line += '}';
    writer_.say(line);
}

} // namespace gatehouse::gateway
