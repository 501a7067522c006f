#pragma once

#include "config/settings/terms.hpp"
#include "config/settings/upstream_fitness.hpp"
#include "config/settings/upstream_tls.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::config {

/// How requests are spread over the endpoints of an upstream.
enum class Balance { round_robin, least_requests, hash };

constexpr auto words(Balance)
{
    using enum Balance;
    return std::array{
        Word{"round_robin",    round_robin   },
        Word{"least_requests", least_requests},
        Word{"hash",           hash          }
    };
}

/// Larger ones could be told from each other by no spreading.
inline constexpr std::uint32_t most_weight = 1000;

/// YAML: `upstreams.<name>.endpoints[]`, a URL or a map.
struct EndpointSettings {
    EndpointSettings() = default;

    EndpointSettings(std::string where, std::uint32_t share = 1) // NOLINT: a URL is one
        : url(std::move(where)),
          weight(share)
    {
    }

    std::string url; // http://host:port, https://host:port or unix:/path
    std::uint32_t weight = 1;

    friend bool operator==(const EndpointSettings&, const EndpointSettings&) = default;
};

/// YAML: `upstreams.<name>.sticky_cookie`.
struct StickyCookieSettings {
    std::string name;
    std::chrono::seconds max_age{}; // 0: until the browser is closed

    template <class Table>
    static void describe(Table& table)
    {
        using Self = StickyCookieSettings;
        table.required("name", &Self::name, forms::cookie_name,
                       "What the cookie is called; each upstream needs a name of its own.");
        table.key("max_age", &Self::max_age, between(0s, 365 * 24h),
                  "How long browsers keep it; 0: until they are closed.");
    }
};

/// YAML: `upstreams.<name>.resolve`.
struct ResolveSettings {
    std::chrono::milliseconds every = 30s;
    bool expand = false;
    std::string server;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = ResolveSettings;
        table.key("every", &Self::every, between(1s, 1h),
                  "How old an answer may become, if its TTL does not end before.");
        table.key("expand", &Self::expand, AsTyped{},
                  "Whether each address of a name is an endpoint of its own, as a headless service "
                  "of Kubernetes needs it.");
        table.key("server", &Self::server, forms::dns_server,
                  "The DNS server to ask. Without: those of the system.");
    }
};

/// YAML: `upstreams.<name>`.
struct UpstreamSettings {
    std::vector<EndpointSettings> endpoints;
    Balance balance = Balance::round_robin;
    std::string hash_on; // of `balance: hash`
    std::optional<StickyCookieSettings> sticky_cookie;
    std::chrono::milliseconds slow_start{};
    std::optional<ResolveSettings> resolve;
    HealthCheckSettings health{};
    EjectionSettings ejection{};
    RetrySettings retry{};
    CircuitSettings circuit{};
    std::optional<BudgetSettings> budget;
    std::optional<UpstreamTlsSettings> tls;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = UpstreamSettings;
        table.required("endpoints", &Self::endpoints, forms::endpoint,
                       "Where the service listens; one or more. The weight (1 where none is "
                       "written) is an endpoint's share; 0: no new clients.");
        table.key("balance", &Self::balance, AsTyped{},
                  "How requests are spread over them: in turn, to the one with the fewest requests "
                  "under way, or by `hash_on`.");
        table.key("hash_on", &Self::hash_on, forms::hash_key,
                  "With `balance: hash`: requests that are alike in this go to the same endpoint.");
        table.section("sticky_cookie", &Self::sticky_cookie,
                      "A cookie by which a browser comes back to the endpoint it began with.");
        table.key("slow_start", &Self::slow_start, between(0s, 1h),
                  "How long the share of an endpoint that is new, or back, grows until it is "
                  "whole; 0: at once.");
        table.section("resolve", &Self::resolve,
                      "How names of endpoints are looked up, beside the requests. Without: at each "
                      "connect, as the system does it.");
        table.section("health", &Self::health, "Asks endpoints whether they are well.");
        table.section("ejection", &Self::ejection, "Leaves endpoints alone that fail.");
        table.section("retry", &Self::retry, "Sends requests again that failed.");
        table.section("circuit", &Self::circuit, "How much one endpoint gets at once.");
        table.section("budget", &Self::budget,
                      "What the service lets us ask in all, so that its quota is never exceeded.");
        table.section("tls", &Self::tls,
                      "How endpoints with `https://` are spoken to; all of it has a default.");
    }
};

} // namespace gatehouse::config
