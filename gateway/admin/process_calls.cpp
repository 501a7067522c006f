// Calls about the gateway itself: how it is doing, and what it was told.
#include "config/forms/address.hpp"
#include "config/routes/pattern.hpp"
#include "gateway/admin/admin_answers.hpp"
#include "gateway/admin/admin_call.hpp"
#include "gateway/api/api_answers.hpp"
#include "gateway/net/offload.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace gatehouse::gateway {
namespace {

using auth::json::Writer;

std::string_view kind_of(std::string_view store) noexcept
{
    return store.substr(0, store.find(':'));
}

void write_feeds(Writer& json, std::span<const FeedFacts> feeds)
{
    json.name("feeds");
    json.begin_array();
    for (const auto& feed : feeds) {
        json.begin_object();
        json.member("name", feed.name);
        json.member("lagMilliseconds", std::llround(feed.lag_seconds * 1000));
        json.member("sequence", number(feed.sequence));
        json.end_object();
    }
    json.end_array();
}

void write_listeners(Writer& json, const config::Settings& settings,
                     std::span<const std::uint16_t> ports)
{
    json.name("listeners");
    json.begin_array();
    for (std::size_t i = 0; i < settings.listen.size(); ++i) {
        const auto address = config::parse_listen_address(settings.listen[i].address);
        std::int64_t port = address ? address->port : 0;
        // The kernel chose one at the start; a reload opens none of those.
        if (port == 0 && i < ports.size()) port = ports[i];
        json.begin_object();
        json.member("address", settings.listen[i].address);
        json.member("port", port);
        json.end_object();
    }
    json.end_array();
}

std::uint64_t sum(std::span<const Counters* const> workers, Counter Counters::* counter)
{
    std::uint64_t all = 0;
    for (const auto* worker : workers) all += (worker->*counter).value();
    return all;
}

std::uint64_t requests_of(const MetricsView& view)
{
    std::uint64_t all = 0;
    for (const auto& route : view.routes) {
        for (const auto* worker : route.workers) {
            for (const auto& counter : worker->requests) all += counter.value();
        }
    }
    return all;
}

/// As the router prefers them: by host, then path, then those with methods before those without.
std::vector<std::size_t> by_rank(std::span<const config::RouteSettings> routes)
{
    struct Ranked {
        config::HostPattern host;
        config::PathPattern path;
    };

    std::vector<Ranked> patterns;
    for (const auto& route : routes) {
        const auto host = config::parse_host_pattern(route.host);
        const auto path = config::parse_path_pattern(route.match);
        patterns.push_back(
            {host ? *host : config::HostPattern{}, path ? *path : config::PathPattern{}});
    }
    std::vector<std::size_t> order(routes.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
        const auto host = rank(patterns[a].host, patterns[b].host);
        if (host != 0) return host < 0;
        const auto path = rank(patterns[a].path, patterns[b].path);
        if (path != 0) return path < 0;
        const bool any[] = {routes[a].methods.empty(), routes[b].methods.empty()};
        return any[0] != any[1] ? any[1] : a < b;
    });
    return order;
}

void write_route(Writer& json, const config::RouteSettings& route, std::size_t index)
{
    json.begin_object();
    json.member("index", number(index));
    json.member("match", route.match);
    json.member("host", route.host);
    write_texts(json, "methods", route.methods);
    json.member("auth", word_for(route.auth));
    write_texts(json, "roles", route.roles);
    write_texts(json, "scopes", route.scopes);
    json.member("to", route.redirect ? route.redirect->to : route.to);
    json.end_object();
}

void write_standing(Writer& json, const EndpointStanding& standing)
{
    json.name("used");
    json.boolean(standing.used);
    json.member("state", standing.ejected    ? "ejected"
                         : !standing.healthy ? "unhealthy"
                         : standing.checked  ? "healthy"
                                             : "unchecked");
    json.member("ejections", number(standing.ejections));
    using Text = std::optional<std::string>;
    const bool changed = !standing.reason.empty();
    write_text_or_null(json, "stateSince", changed ? Text(time_text(standing.since)) : Text());
    write_text_or_null(json, "stateReason", changed ? Text(standing.reason) : Text());
}

void write_endpoint(Writer& json, const std::string& authority, std::uint32_t weight,
                    const EndpointFacts& facts)
{
    json.begin_object();
    json.member("address", authority);
    json.member("weight", number(weight));
    json.member("inFlight", number(facts.in_flight));
    json.member("requests", number(facts.requests));
    json.member("failures", number(facts.failures));
    json.member("connections", number(facts.connections));
    json.member("idleConnections", number(facts.idle_connections));
    const bool failed = facts.last_error.has_value();
    using Text = std::optional<std::string>;
    write_text_or_null(json, "lastError",
                       failed ? Text(std::string(to_string(*facts.last_error))) : Text());
    write_text_or_null(json, "lastFailedAt",
                       failed ? Text(time_text(facts.last_failed_at)) : Text());
    write_standing(json, facts.standing.value_or(EndpointStanding{}));
    json.end_object();
}

/// The endpoint, or those that its name has become.
void write_endpoints(Writer& json, const UpstreamTarget& upstream, std::size_t index,
                     const EndpointBook& book)
{
    const auto& endpoint = upstream.endpoints[index];
    const auto weight = upstream.weight_of(index);
    const auto begin = endpoint.authority + "@";
    const auto is_of_name = [&](const auto& found) {
        return found != book.end() && found->first.first == upstream.name &&
               found->first.second.starts_with(begin);
    };
    auto found = book.lower_bound({upstream.name, begin});
    if (!endpoint.expand || !is_of_name(found)) {
        found = book.find({upstream.name, endpoint.authority});
        return write_endpoint(json, endpoint.authority, weight,
                              found == book.end() ? EndpointFacts{} : found->second);
    }
    for (; is_of_name(found); ++found) {
        write_endpoint(json, found->first.second, weight, found->second);
    }
}

} // namespace

Task<LocalResponse> AdminApi::status(const Asked&)
{
    const auto view = process_.view();
    const auto& process = view.process;
    const auto runtime = process_.runtime();
    const auto up = rooms_.clock.now() - process_.started_at;
    co_return object_answer([&](Writer& json) {
        json.member("version", GATEHOUSE_VERSION);
        json.member("startedAt", time_text(process_.started_at));
        json.member("uptimeSeconds", std::chrono::duration_cast<std::chrono::seconds>(up).count());
        json.name("ready");
        json.boolean(process.ready);
        json.member("workers", number(view.workers.size()));
        json.member("sandbox", process_.sandbox);
        json.member("connections", number(sum(view.workers, &Counters::connections_open)));
        json.member("requests", number(requests_of(view)));
        json.name("store");
        json.begin_object();
        json.member("kind", kind_of(settings_.store));
        json.name("up");
        json.boolean(process.store_up);
        json.end_object();
        json.member("revoked", number(process.revoked_sessions));
        json.member("logLinesDropped", number(process.log_lines_dropped));
        json.member("auditRecordsDropped", number(process.audit_dropped));
        write_feeds(json, process.feeds);
        write_listeners(json, runtime->settings, process_.ports);
        json.member("generation", number(runtime->number));
    });
}

Task<LocalResponse> AdminApi::routes(const Asked&)
{
    const auto runtime = process_.runtime();
    const auto& routes = runtime->settings.routes;
    co_return object_answer([&](Writer& json) {
        json.name("routes");
        json.begin_array();
        for (const auto index : by_rank(routes)) write_route(json, routes[index], index);
        json.end_array();
    });
}

Task<LocalResponse> AdminApi::upstreams(const Asked&)
{
    const auto runtime = process_.runtime();
    auto pending = offload(rooms_.store_pool, process_.endpoints);
    const auto book = co_await std::move(pending);
    co_return object_answer([&](Writer& json) {
        json.name("upstreams");
        json.begin_array();
        for (const auto& upstream : runtime->upstreams) {
            json.begin_object();
            json.member("name", upstream.name);
            json.name("endpoints");
            json.begin_array();
            for (std::size_t i = 0; i < upstream.endpoints.size(); ++i) {
                write_endpoints(json, upstream, i, book);
            }
            json.end_array();
            json.end_object();
        }
        json.end_array();
    });
}

Task<LocalResponse> AdminApi::config(const Asked&)
{
    const auto runtime = process_.runtime();
    co_return object_answer([&](Writer& json) {
        json.name("settings");
        json.begin_array();
        if (const auto& shown = runtime->settings.shown) {
            for (const auto& setting : *shown) {
                json.begin_object();
                json.member("key", setting.key);
                json.member("value", setting.value);
                json.member("origin", setting.origin);
                json.end_object();
            }
        }
        json.end_array();
    });
}

} // namespace gatehouse::gateway
