#include "gateway/upstream/name_book.hpp"

#include "gateway/upstream/target.hpp"

#include <algorithm>

namespace gatehouse::gateway {

std::string name_key(std::string_view host, std::string_view server)
{
    std::string key(host);
    if (!server.empty()) key.append(" ").append(server);
    return key;
}

std::map<std::string, WatchedName> watched_names(const config::Settings& settings)
{
    std::map<std::string, WatchedName> names;
    UpstreamTlsBook book;
    for (const auto& [upstream, chosen] : settings.upstreams) {
        if (!chosen.resolve) continue;
        for (const auto& endpoint : resolve_target(settings, upstream, book).endpoints) {
            if (endpoint.look_up.empty()) continue;
            const WatchedName wanted{endpoint.where.host, chosen.resolve->server,
                                     chosen.resolve->every};
            auto& name = names.try_emplace(endpoint.look_up, wanted).first->second;
            name.every = std::min(name.every, wanted.every);
        }
    }
    return names;
}

} // namespace gatehouse::gateway
