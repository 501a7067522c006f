#pragma once

#include "config/settings/terms.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::config {

/// How an upstream's endpoints are asked whether they are well. YAML: `upstreams.<name>.health`.
struct HealthCheckSettings {
    std::string path{}; // empty: nobody asks
    std::chrono::milliseconds interval = 10s;
    std::chrono::milliseconds timeout = 2s;
    std::uint32_t healthy_after = 2;
    std::uint32_t unhealthy_after = 3;
    std::vector<std::string> statuses{"2xx"};
    std::string host{};
    double floor = 0;

    [[nodiscard]] bool is_on() const noexcept { return !path.empty(); }

    template <class Table>
    static void describe(Table& table)
    {
        using Self = HealthCheckSettings;
        table.key(
            "path", &Self::path, forms::request_target,
            "What each endpoint is asked for with GET, path and query. Without: nobody asks.");
        table.key("interval", &Self::interval, between(100ms, 1h),
                  "How often, give or take a tenth; of the whole process, not of each worker.");
        table.key("timeout", &Self::timeout, between(10ms, 1min),
                  "How long an endpoint may take to answer.");
        table.key("healthy_after", &Self::healthy_after, count(1, 100),
                  "So many good answers in a row, and one that was out is used again. The first "
                  "answer of all counts at once.");
        table.key("unhealthy_after", &Self::unhealthy_after, count(1, 100),
                  "So many bad ones, or none in time, and it is used no more.");
        table.key("statuses", &Self::statuses, forms::status_range,
                  "Which answers are good: `200`, `2xx` or `200-399`.");
        table.key("host", &Self::host, forms::request_host,
                  "The Host that is asked for. Without: the endpoint's own address.");
        table.key("floor", &Self::floor, Ratio{},
                  "When fewer than this part of the endpoints could be used, all of them are: a "
                  "few would not carry what all did. 0: when there is none.");
    }
};

/// When an endpoint that fails requests is left alone. YAML: `upstreams.<name>.ejection`.
struct EjectionSettings {
    std::uint32_t after = 5;
    std::chrono::milliseconds base = 10s;
    std::chrono::milliseconds most = 5min;
    double floor = 0.5;
    bool on_5xx = false;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = EjectionSettings;
        table.key(
            "after", &Self::after, count(0, 10'000),
            "So many failures in a row (not reached, broken off, no HTTP, no answer in "
            "time) put an endpoint out of use for a while, where there are others. 0: never.");
        table.key("base", &Self::base, between(100ms, 1h),
                  "For how long the first time; twice as long the second, and so on. One that has "
                  "done well for as long as `most` begins anew.");
        table.key("most", &Self::most, between(100ms, 24h), "Never for longer than this.");
        table.key(
            "floor", &Self::floor, Ratio{},
            "The part of the endpoints that stays in use whatever they do, and at least one.");
        table.key("on_5xx", &Self::on_5xx, AsTyped{}, "Count answers from 500 to 599 as failures.");
    }
};

/// Which requests are sent once more, and how many. YAML: `upstreams.<name>.retry`.
struct RetrySettings {
    std::uint32_t attempts = 0;
    std::vector<std::string> on{"connect", "reset"};
    std::vector<std::string> methods{};
    double budget = 0.2;
    std::uint32_t least = 3;
    std::chrono::milliseconds backoff = 25ms;
    std::chrono::milliseconds most = 250ms;
    std::optional<std::chrono::milliseconds> each{};

    template <class Table>
    static void describe(Table& table)
    {
        using Self = RetrySettings;
        table.key("attempts", &Self::attempts, count(0, 10),
                  "How often a request is sent again at most, to another endpoint if there is one. "
                  "0: only where a connection that had been idle turned out to be dead.");
        table.key("on", &Self::on, forms::retry_cause,
                  "After what: `connect` (no endpoint could be reached), `reset` (it broke off "
                  "before a byte of an answer), `timeout`, or the answers `502`, `503` and `504`.");
        table.key("methods", &Self::methods, forms::method,
                  "Of which methods. Without: those that may be sent twice without harm, GET, "
                  "HEAD, PUT, DELETE and OPTIONS.");
        table.key(
            "budget", &Self::budget, Ratio{},
            "Retries of one worker to this upstream, as a part of the requests it sent there.");
        table.key("least", &Self::least, count(0, 10'000),
                  "So many retries a second are allowed besides, for upstreams with few requests.");
        table.key("backoff", &Self::backoff, between(0ms, 1min),
                  "A retry waits for any time up to this; the next one up to twice that, ...");
        table.key("most", &Self::most, between(0ms, 1min), "... and none for longer than this.");
        table.key(
            "each", &Self::each, between(1ms, 24h),
            "How long one endpoint may take to begin its answer, within "
            "`deadlines.response_head` or the route's `timeout`. With `timeout` it is needed.");
    }
};

/// How much at once. YAML: `upstreams.<name>.circuit`.
struct CircuitSettings {
    std::uint32_t requests = 0;
    std::uint32_t connections = 0;
    std::uint32_t pending = 0;

    [[nodiscard]] bool is_on() const noexcept
    {
        return requests != 0 || connections != 0 || pending != 0;
    }

    template <class Table>
    static void describe(Table& table)
    {
        using Self = CircuitSettings;
        table.key("requests", &Self::requests, count(0, 1'000'000),
                  "Most requests at one endpoint at once, of all workers together. Who finds no "
                  "endpoint below it gets 503 `overloaded` at once. 0: any number.");
        table.key("connections", &Self::connections, count(0, 1'000'000),
                  "Most connections to one endpoint, idle ones included. 0: any number.");
        table.key("pending", &Self::pending, count(0, 1'000'000),
                  "Most connections to one endpoint that are being made at once. 0: any number.");
    }
};

/// What the service behind an upstream lets this gateway ask. YAML: `upstreams.<name>.budget`.
struct BudgetSettings {
    std::uint32_t requests = 0;
    std::chrono::milliseconds per = 1min;
    std::chrono::milliseconds wait{};
    bool shared = false;
    bool obey = true;

    friend bool operator==(const BudgetSettings&, const BudgetSettings&) = default;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = BudgetSettings;
        table.key("requests", &Self::requests, count(0, 1'000'000),
                  "So many requests get to the upstream in any time as long as `per`, retries and "
                  "health checks included; 503 `overloaded` above it. 0: what the upstream says "
                  "itself is all there is.");
        table.key("per", &Self::per, between(100ms, 24h), "The time of `requests`.");
        table.key("wait", &Self::wait, between(0ms, 30s),
                  "How long a request waits for its turn before it is refused; 0: not at all.");
        table.key("shared", &Self::shared, AsTyped{},
                  "Whether gateways on one PostgreSQL or Redis keep to `requests` together. Each "
                  "takes portions from the store before it sends, and sends nothing while the "
                  "store does not answer.");
        table.key("obey", &Self::obey, AsTyped{},
                  "Keep to what answers say: `Retry-After` of a 429 or 503, `RateLimit` and "
                  "`X-RateLimit-Remaining` with `-Reset`.");
    }
};

} // namespace gatehouse::config
