#include "gateway/command/route_review.hpp"

#include "config/routes/pattern.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace gatehouse::gateway {
namespace {

using config::RouteSettings;

struct Place {
    config::HostPattern host;
    config::PathPattern path;
};

} // namespace

std::string who_may_pass(const RouteSettings& route)
{
    if (route.auth == config::AuthMode::none && !route.certificate) return "everybody";
    std::string text = route.auth == config::AuthMode::required ? "a token"
                       : route.auth == config::AuthMode::optional
                           ? "everybody; a token has to be good"
                           : "a client certificate";
    std::string_view between = " with ";
    const auto add = [&](std::string_view what, const std::vector<std::string>& names) {
        if (names.empty()) return;
        text += fmt::format("{}{} {}", std::exchange(between, ", "), what, fmt::join(names, ", "));
    };
    add(route.roles.size() > 1 ? "one of the roles" : "the role", route.roles);
    add(route.scopes.size() > 1 ? "the scopes" : "the scope", route.scopes);
    for (const auto& rule : route.claims) {
        text += fmt::format("{}{} {}", std::exchange(between, ", "), rule.path,
                            fmt::join(rule.any_of, " or "));
    }
    add("proof by", route.require);
    if (route.max_auth_age)
        text += fmt::format("{}a login of the last {} s", std::exchange(between, ", "),
                            route.max_auth_age->count());
    if (route.auth != config::AuthMode::none) {
        if (route.issuers != RouteSettings().issuers)
            text += fmt::format("; of {}", fmt::join(route.issuers, ", "));
        if (!route.api_keys) text += "; no API keys";
        if (route.certificate) text += "; and a client certificate";
    }
    if (route.report_only) return "EVERYBODY (report only: " + text + ")";
    return text;
}

std::string route_table(const config::Settings& settings)
{
    const auto& routes = settings.routes;
    std::vector<std::pair<Place, std::size_t>> order;
    for (std::size_t i = 0; i < routes.size(); ++i) {
        auto host = config::parse_host_pattern(routes[i].host);
        auto path = config::parse_path_pattern(routes[i].match);
        if (host && path)
            order.push_back({
                {*std::move(host), *std::move(path)},
                i
            });
    }
    std::ranges::sort(order, [](const auto& left, const auto& right) {
        const auto host = rank(left.first.host, right.first.host);
        const auto path = rank(left.first.path, right.first.path);
        return host != 0 ? host < 0 : path != 0 ? path < 0 : left.second < right.second;
    });
    std::string text;
    for (const auto& [place, i] : order) {
        const auto& route = routes[i];
        const auto to = route.redirect ? fmt::format("{} {}", word_for(route.redirect->status),
                                                     route.redirect->to)
                                       : route.to;
        const auto methods =
            route.methods.empty() ? "*" : fmt::format("{}", fmt::join(route.methods, ","));
        text += fmt::format("routes[{}]  {} {}{}\n    who: {}\n    to:  {}\n", i, methods,
                            route.host, route.match, who_may_pass(route), to);
    }
    return text;
}

} // namespace gatehouse::gateway
