#include "gateway/observe/security_lines.hpp"

#include <array>
#include <exception>
#include <string>

namespace gatehouse::gateway {

void SecurityLines::record(const auth::SecurityEvent& event) noexcept
{
    try {
        std::string user_id;
        std::string client;
        log_.redactor().append_user_id(user_id, event.user_id);
        log_.redactor().append_client(client, event.address);
        const std::array<Fact, 6> facts{
            {{"outcome", event.outcome},
             {"user_id", user_id},
             {"session_id", event.session_id},
             {"client", client},
             {"request_id", event.request_id},
             {"detail", event.detail}}
        };
        Event line;
        line.at = event.at;
        line.log = "security";
        line.name = to_string(event.kind);
        line.facts = facts;
        log_.write(line);
    } catch (const std::exception&) { // no memory: the audit of the store has it
        return;
    }
}

} // namespace gatehouse::gateway
