#include "gateway/cache/cache_purge.hpp"

#include "gateway/cache/key_parts.hpp"
#include "gateway/headers/forwarded.hpp"
#include "gateway/observe/traffic.hpp"

#include <algorithm>

namespace gatehouse::gateway {

Result<CachePurge, PurgeMistake> CachePurge::read(const PurgeQuestion& question,
                                                  std::span<const config::RouteSettings> routes)
{
    CachePurge purge;
    if (question.route) {
        auto& named = purge.routes_.emplace();
        for (std::size_t i = 0; i < routes.size(); ++i) {
            if (route_label(routes[i]) == *question.route) named.push_back(std::to_string(i));
        }
        if (named.empty())
            return PurgeMistake{"route", "is not what any route is called in the metrics"};
    }
    if (question.host) {
        const auto host = config::parse_host_pattern(*question.host);
        if (!host) return PurgeMistake{"host", host.error().message};
        // "" is a host of every name, and nobody who writes one means that.
        if (host->kind == config::HostPattern::Kind::none)
            return PurgeMistake{"host", "has to be a name, or left out"};
        purge.host_ = *host;
    }
    if (question.path) {
        const auto path = config::parse_path_pattern(*question.path);
        if (!path) return PurgeMistake{"path", path.error().message};
        purge.path_ = *path;
    }
    return purge;
}

bool CachePurge::covers_resource(std::string_view resource) const
{
    const auto parts = resource_parts(resource);
    if (!config::matches(host_, without_port(parts.host))) return false;
    if (!path_) return true;
    return parts.path.starts_with('/') &&
           config::matches(*path_, config::decoded_segments(parts.path));
}

bool CachePurge::covers_key(std::string_view key) const
{
    return !routes_ || std::ranges::find(*routes_, route_part(key)) != routes_->end();
}

} // namespace gatehouse::gateway
