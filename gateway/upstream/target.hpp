#pragma once

#include "config/settings/settings.hpp"
#include "gateway/net/address.hpp"
#include "gateway/upstream/retry.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// One place an upstream can be reached at.
struct EndpointTarget {
    std::string authority; // as configured, "host:port": for Host, logs and as the pool's key
    HostPort where;
    std::optional<SocketAddress> address; // of a numeric host; names are resolved at each connect
};

/// What a route's `to:` stands for.
struct UpstreamTarget {
    std::string name; // an upstream's name or the URL
    std::vector<EndpointTarget> endpoints;
    config::UpstreamSettings settings{}; // of a URL: the usual ones
    RetryPolicy retry{};
};

/// "http://host:port", the port optional (80). The text has been validated; nothing if it has not.
[[nodiscard]] std::optional<EndpointTarget> parse_endpoint(std::string_view url);

/// `to` is a name among settings.upstreams or a URL.
[[nodiscard]] UpstreamTarget resolve_target(const config::Settings& settings,
                                            const std::string& to);

} // namespace gatehouse::gateway
