#include "gateway/upstream/target.hpp"

namespace gatehouse::gateway {

std::optional<EndpointTarget> parse_endpoint(std::string_view url)
{
    constexpr std::string_view scheme = "http://";
    if (!url.starts_with(scheme)) return std::nullopt;
    auto authority = url.substr(scheme.size());
    if (authority.ends_with('/')) authority.remove_suffix(1);

    EndpointTarget target;
    target.authority = authority;
    auto where = parse_host_port(authority);
    if (!where) where = parse_host_port(target.authority + ":80");
    if (!where) return std::nullopt;
    target.where = *where;
    target.address = SocketAddress::parse(where->host, where->port);
    return target;
}

UpstreamTarget resolve_target(const config::Settings& settings, const std::string& to)
{
    UpstreamTarget target;
    target.name = to;
    const auto named = settings.upstreams.find(to);
    const auto urls = named == settings.upstreams.end() ? std::vector{to} : named->second.endpoints;
    if (named != settings.upstreams.end()) {
        target.settings = named->second;
        target.retry = RetryPolicy(target.settings.retry);
    }
    for (const auto& url : urls) {
        if (auto endpoint = parse_endpoint(url)) target.endpoints.push_back(std::move(*endpoint));
    }
    return target;
}

} // namespace gatehouse::gateway
