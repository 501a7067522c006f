#include "gateway/headers/treatment.hpp"

#include "config/basics/enforced.hpp"
#include "config/load/owned_headers.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

config::SecurityHeaders security_of(const config::RouteSettings& route,
                                    const config::Settings& settings)
{
    return route.security_headers.value_or(settings.security_headers);
}

std::string with_names(std::string list, const std::vector<std::string>& names)
{
    for (const auto& name : names) list.append(",").append(name);
    return list;
}

bool changes_anything(const config::RouteSettings& route, const config::Settings& settings)
{
    return route.redirect || !route.rewrite.empty() || route.request_headers ||
           route.response_headers || security_of(route, settings) != config::SecurityHeaders::off;
}

} // namespace

HeaderPlan::HeaderPlan(const config::HeaderChanges& changes)
{
    const auto write = [this](const config::HeaderLine& line) {
        // Reading the settings has refused what cannot be read.
        if (auto value = config::parse_template(line.value))
            lines.push_back({line.name, *std::move(value)});
    };
    for (const auto& line : changes.set) {
        write(line);
        dropped.push_back(config::folded_header(line.name));
    }
    for (const auto& line : changes.add) write(line);
    for (const auto& name : changes.remove) dropped.push_back(config::folded_header(name));
}

bool HeaderPlan::drops(std::string_view name) const noexcept
{
    return std::ranges::any_of(dropped, [name](const std::string& own) {
        return enforced("headers.changed_spellings") ? folds_to(name, own)
                                                     : equal_ignoring_case(name, own);
    });
}

Treatment::Treatment(const config::RouteSettings& route, const config::Settings& settings,
                     const HeaderPolicy& policy)
    : request_trailers(policy.own_trailers),
      response_trailers(policy.own_trailers),
      security(security_of(route, settings))
{
    if (!route.rewrite.empty()) {
        if (auto path = config::parse_path_template(route.rewrite))
            rewrite.emplace(route.match, *std::move(path));
    }
    if (route.redirect) redirect.emplace(route);
    if (route.request_headers) request = HeaderPlan(*route.request_headers);
    if (route.response_headers) response = HeaderPlan(*route.response_headers);
    if (enforced("headers.changed_trailers")) {
        request_trailers = with_names(std::move(request_trailers), request.dropped);
        response_trailers = with_names(std::move(response_trailers), response.dropped);
    }
}

Treatments treatments_of(const config::Settings& settings, const HeaderPolicy& policy)
{
    Treatments all(settings.routes.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto& route = settings.routes[i];
        if (changes_anything(route, settings))
            all[i] = std::make_unique<const Treatment>(route, settings, policy);
    }
    return all;
}

} // namespace gatehouse::gateway
