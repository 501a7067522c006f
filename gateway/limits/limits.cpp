#include "gateway/limits/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gatehouse::gateway {
namespace {

/// `user`, and for a second one of a route `user-2`.
std::string unlike_others(const std::string& name, const std::vector<NamedRate>& others)
{
    const auto is_taken = [&](const std::string& text) {
        return std::ranges::find(others, text, &NamedRate::name) != others.end();
    };
    if (!is_taken(name)) return name;
    std::size_t number = 2;
    while (is_taken(fmt::format("{}-{}", name, number))) ++number;
    return fmt::format("{}-{}", name, number);
}

/// `header:X-Tenant` has no place between the quotation marks of a rate's name.
std::string name_by(const config::RateSettings& rate)
{
    const auto key = config::rate_key_of(rate.by);
    return key.by == config::RateBy::header ? "header" : rate.by;
}

/// By this a route's own limits know it. Routes of one name are one to metrics alone: each keeps to
/// its own.
std::string identity_of(const config::Settings& settings, const config::RouteSettings& route)
{
    auto label = route_label(route);
    const auto namesakes =
        std::ranges::count(settings.routes, route.name, &config::RouteSettings::name);
    if (route.name.empty() || namesakes < 2) return label;
    auto unnamed = route;
    unnamed.name.clear();
    return label + ' ' + route_label(unnamed);
}

Rate made(const NamedRate& named, LimitBook& book, TrafficBook& counts, std::size_t worker)
{
    const auto key = config::rate_key_of(named.rate.by);
    Rate rate;
    rate.name = named.name;
    rate.label = named.label;
    rate.policy = policy_item(named.name, named.rate);
    rate.by = key.by;
    rate.header = key.header;
    rate.terms = RateTerms::of(named.rate);
    rate.tell = named.rate.tell;
    rate.keys = &book.keys(named.rate);
    rate.table = book.table(named.rate, named.id + ' ' + named.rate.by);
    rate.counted = counts.rates.hold(named.label, worker);
    return rate;
}

} // namespace

std::vector<NamedRate> rates_of(const config::Settings& settings,
                                const config::RouteSettings& route)
{
    std::vector<NamedRate> all;
    const auto label = route_label(route);
    const auto identity = route.rate.empty() ? std::string{} : identity_of(settings, route);
    for (const auto& rate : route.rate) {
        const auto name = unlike_others(name_by(rate), all);
        all.push_back(
            {name, fmt::format("{} {}", label, name), rate, fmt::format("{} {}", identity, name)});
    }
    for (const auto& name : route.rates) {
        const auto found = settings.rates.find(name);
        if (found == settings.rates.end()) continue; // validated: there is one
        all.push_back({unlike_others(name, all), name, found->second, name});
    }
    return all;
}

std::string rate_text(const config::RateSettings& rate)
{
    return fmt::format("{} per {} by {}, {} at once", rate.requests,
                       config::format_duration(rate.per), rate.by, rate.at_once());
}

Limits::Limits(LimitBook& book, TrafficBook& counts, std::size_t worker,
               const config::Settings& settings)
{
    for (const auto& route : settings.routes) {
        auto& limits = routes_.emplace_back();
        for (const auto& named : rates_of(settings, route)) {
            auto rate = made(named, book, counts, worker);
            const bool is_early = rate.by == config::RateBy::address;
            (is_early ? limits.before_token : limits.behind_token).push_back(std::move(rate));
        }
        if (!route.in_flight) continue;
        limits.in_flight = book.places(identity_of(settings, route));
        limits.most_in_flight = *route.in_flight;
    }
    if (std::ranges::all_of(routes_, &RouteLimits::none)) routes_.clear();
}

} // namespace gatehouse::gateway
