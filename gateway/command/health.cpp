#include "gateway/command/health.hpp"

#include "gateway/command/admin_client.hpp"
#include "gateway/command/words.hpp"

namespace gatehouse::gateway {

int run_health(const Arguments& arguments, const config::Settings& settings, Console& console)
{
    using namespace std::chrono_literals;
    if (settings.admin == "off" && settings.admin_api.socket.empty()) {
        console.err << "the admin address is off\n  hint: write admin: 127.0.0.1:9901\n";
        return exit_usage;
    }
    const auto answer = AdminClient{settings, 5s}.look(arguments.ready ? "/readyz" : "/healthz");
    if (!answer) {
        console.err << answer.error().message << "\n";
        return exit_failed;
    }
    console.out << printable(answer->body) << "\n";
    return answer->status == 200 ? exit_ok : exit_failed;
}

} // namespace gatehouse::gateway
