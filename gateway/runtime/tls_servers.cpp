#include "gateway/runtime/tls_servers.hpp"

#include <fmt/format.h>

#include <utility>

namespace gatehouse::gateway {

Result<TlsServers, config::Diagnostic> make_tls_servers(const config::Settings& settings,
                                                        const std::shared_ptr<TicketKeys>& tickets)
{
    TlsServers servers;
    for (std::size_t i = 0; i < settings.listen.size(); ++i) {
        const auto& listen = settings.listen[i];
        if (!listen.tls) {
            servers.emplace_back();
            continue;
        }
        auto server = make_tls_server(*listen.tls, listen.address, tickets);
        if (!server) {
            config::Diagnostic problem;
            const auto& where = server.error().key;
            problem.key = fmt::format("listen[{}].tls{}{}", i, where.empty() ? "" : ".", where);
            problem.message = server.error().message;
            return problem;
        }
        servers.push_back(*std::move(server));
    }
    return servers;
}

} // namespace gatehouse::gateway
