#include "gateway/observe/traffic.hpp"

#include <unordered_set>

namespace gatehouse::gateway {

std::string route_label(const config::RouteSettings& route)
{
    if (!route.name.empty()) return route.name;
    std::string label;
    for (const auto& method : route.methods) label.append(label.empty() ? "" : ",").append(method);
    if (!label.empty()) label += ' ';
    return label + route.host + route.match;
}

std::vector<std::string> bounded_labels(std::span<const std::string> labels, std::size_t most)
{
    std::unordered_set<std::string_view> known;
    std::vector<std::string> bounded;
    bounded.reserve(labels.size());
    for (const auto& label : labels) {
        const bool fits = known.contains(label) || known.size() < most;
        if (fits) known.insert(label);
        bounded.emplace_back(fits ? std::string_view(label) : route_labels::other);
    }
    return bounded;
}

Traffic::Traffic(TrafficBook& book, std::size_t worker, const config::Settings& settings,
                 std::span<const std::string> upstreams)
    : none_(book.routes.hold(std::string(route_labels::none), worker)),
      auth_(book.routes.hold(std::string(route_labels::auth), worker)),
      admin_(book.routes.hold(std::string(route_labels::admin), worker))
{
    std::vector<std::string> routes;
    for (const auto& route : settings.routes) routes.push_back(route_label(route));
    for (const auto& label : bounded_labels(routes, settings.metrics.routes)) {
        routes_.push_back(book.routes.hold(label, worker));
    }
    for (const auto& label : bounded_labels(upstreams, settings.metrics.upstreams)) {
        upstreams_.push_back(book.upstreams.hold(label, worker));
    }
}

} // namespace gatehouse::gateway
