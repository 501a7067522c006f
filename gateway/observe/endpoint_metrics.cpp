#include "gateway/observe/metrics.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace gatehouse::gateway {
namespace {

using enum MetricType;

constexpr std::array<std::string_view, 6> class_names = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};

/// The two names in the label of a tally.
std::pair<std::string_view, std::string_view> names_in(std::string_view label)
{
    const auto end = label.find('\n');
    return {label.substr(0, end), end == label.npos ? std::string_view{} : label.substr(end + 1)};
}

template <class Pick>
std::uint64_t sum(const std::vector<const EndpointCounters*>& workers, Pick of)
{
    std::uint64_t total = 0;
    for (const auto* worker : workers) total += of(*worker).value();
    return total;
}

void write_each(MetricsWriter& out, const MetricsView& view, Counter EndpointCounters::* which)
{
    for (const auto& [tally, workers] : view.endpoints) {
        const auto [upstream, endpoint] = names_in(tally->label());
        out.sample(
            {
                {"upstream", upstream},
                {"endpoint", endpoint}
        },
            sum(workers, [which](const auto& c) -> auto& { return c.*which; }));
    }
}

/// Answers that there were, and 2xx, which there will be.
void write_classes(MetricsWriter& out, const MetricsView& view)
{
    for (const auto& [tally, workers] : view.endpoints) {
        const auto [upstream, endpoint] = names_in(tally->label());
        for (std::size_t i = 0; i < class_names.size(); ++i) {
            const auto times = sum(workers, [i](const auto& c) -> auto& { return c.requests[i]; });
            if (times == 0 && i != status_class(200)) continue;
            out.sample(
                {
                    {"upstream", upstream      },
                    {"endpoint", endpoint      },
                    {"status",   class_names[i]}
            },
                times);
        }
    }
}

void write_failures(MetricsWriter& out, const MetricsView& view)
{
    for (const auto& [tally, workers] : view.endpoints) {
        const auto [upstream, endpoint] = names_in(tally->label());
        for (std::size_t i = 0; i < upstream_codes; ++i) {
            const auto code = static_cast<std::size_t>(first_upstream_code) + i;
            out.sample(
                {
                    {"upstream", upstream                                 },
                    {"endpoint", endpoint                                 },
                    {"code",     to_string(static_cast<RefusalCode>(code))}
            },
                sum(workers, [i](const auto& c) -> auto& { return c.failures[i]; }));
        }
    }
}

} // namespace

void write_endpoint_metrics(MetricsWriter& out, const MetricsView& view)
{
    out.family("gatehouse_endpoint_requests", counter,
               "Answers of an endpoint by class of their status, also those that were retried.");
    write_classes(out, view);
    out.family("gatehouse_endpoint_failures", counter,
               "Requests that an endpoint did not answer, by code, also those that were retried.");
    write_failures(out, view);
    out.family("gatehouse_endpoint_requests_in_flight", gauge, "Requests at an endpoint now.");
    write_each(out, view, &EndpointCounters::in_flight);
    out.family("gatehouse_endpoint_connections_open", gauge,
               "Connections to an endpoint open now, idle ones included.");
    write_each(out, view, &EndpointCounters::connections);
    out.family("gatehouse_endpoint_retries", counter,
               "Requests that came to an endpoint after they had failed, there or elsewhere.");
    write_each(out, view, &EndpointCounters::retries);
    out.family("gatehouse_endpoint_used", gauge,
               "1 while requests go to an endpoint; 0: it is ejected or fails its checks.");
    for (const auto& each : view.fitness) {
        out.sample(
            {
                {"upstream", each.upstream},
                {"endpoint", each.endpoint}
        },
            std::uint64_t{each.used ? 1U : 0U});
    }
    out.family("gatehouse_endpoint_ejections", counter,
               "How often an endpoint was left alone because requests to it failed.");
    for (const auto& each : view.fitness) {
        out.sample(
            {
                {"upstream", each.upstream},
                {"endpoint", each.endpoint}
        },
            each.ejections);
    }
}

} // namespace gatehouse::gateway
