#pragma once

#include "config/settings/settings.hpp"
#include "gateway/net/address.hpp"
#include "gateway/upstream/name_book.hpp"
#include "gateway/upstream/retry.hpp"
#include "gateway/upstream/upstream_tls.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// One place an upstream can be reached at.
struct EndpointTarget {
    std::string authority; // as configured, "host:port" or "unix:/path": in logs
    std::string host;      // what Host says towards it; of a socket "localhost"
    HostPort where;
    std::optional<SocketAddress> address; // of a numeric host; names are resolved at each connect
    std::string socket_path;              // "" unless it is a unix socket
    std::string look_up;                  // name_key() of a name that is looked up beforehand
    bool expand = false;                  // and each of its addresses is an endpoint of its own
    bool secure = false;                  // https: never spoken to in plain
    std::string server_name{};            // whose certificate it has to show
    std::shared_ptr<const UpstreamTls> tls{}; // null although it is secure: nobody can be trusted

    /// What tells endpoints apart that must not share connections: two that differ in whom they
    /// trust, or in what they show, have no more in common than two addresses.
    [[nodiscard]] std::string pool_key() const;
};

/// The endpoint, or those that its name stands for. Their names have the address behind them,
/// `web:8080@10.0.0.7`; of two families IPv4 alone is taken, so that none is there twice.
[[nodiscard]] std::vector<EndpointTarget> expanded(const EndpointTarget& endpoint,
                                                   const NameBook& names);

/// The addresses that the endpoint's name stands for; none: it is to be resolved at each connect.
[[nodiscard]] std::vector<SocketAddress> known_addresses(const EndpointTarget& endpoint,
                                                         const NameBook& names);

/// What requests are told apart by, with `balance: hash`.
enum class HashOn : std::uint8_t { user, session, address, header };

/// How the requests of an upstream are spread over its endpoints.
struct Spreading {
    config::Balance balance = config::Balance::round_robin;
    HashOn hash_on = HashOn::user;
    std::string header; // of HashOn::header
    std::optional<config::StickyCookieSettings> sticky_cookie{};
    std::chrono::milliseconds slow_start{};
};

/// What a route's `to:` stands for.
struct UpstreamTarget {
    std::string name; // an upstream's name or the URL
    std::vector<EndpointTarget> endpoints;
    std::vector<std::uint32_t> weights{}; // of the same; of those behind the end it is 1
    Spreading spreading{};
    config::UpstreamSettings settings{}; // of a URL: the usual ones
    RetryPolicy retry{};

    [[nodiscard]] std::uint32_t weight_of(std::size_t endpoint) const noexcept
    {
        return endpoint < weights.size() ? weights[endpoint] : 1;
    }

    /// Whether some endpoint's name is looked up beforehand.
    [[nodiscard]] bool has_names() const noexcept;
};

/// "http://host:port" or "https://host:port", the port optional (80, 443; of the latter without its
/// terms), or "unix:/path". The text has been validated; nothing if it has not.
[[nodiscard]] std::optional<EndpointTarget> parse_endpoint(std::string_view url);

/// `to` is a name among settings.upstreams or a URL. `book` has the terms of those before it.
[[nodiscard]] UpstreamTarget resolve_target(const config::Settings& settings, const std::string& to,
                                            UpstreamTlsBook& book);

} // namespace gatehouse::gateway
