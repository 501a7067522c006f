#include "gateway/command/policy_report.hpp"

#include "config/routes/coverage.hpp"
#include "config/routes/pattern.hpp"
#include "gateway/command/request_example.hpp"
#include "gateway/command/route_review.hpp"
#include "gateway/headers/redirect.hpp"
#include "gateway/routing/auth_prefix.hpp"
#include "gateway/routing/router.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>

namespace gatehouse::gateway {
namespace {

using config::RouteSettings;

struct Place {
    config::HostPattern host;
    config::PathPattern path;
};

bool keeps_method(config::RedirectStatus status)
{
    return status == config::RedirectStatus::temporary ||
           status == config::RedirectStatus::permanent;
}

bool is_open(const RouteSettings& route)
{
    const bool asks = route.auth == config::AuthMode::required || route.certificate.has_value();
    return !asks || route.report_only;
}

/// Whether it takes a method that may change something.
bool takes_changes(const RouteSettings& route)
{
    return route.methods.empty() || std::ranges::any_of(route.methods, [](const auto& method) {
               return method != "GET" && method != "HEAD" && method != "OPTIONS";
           });
}

class Reporter {
public:
    explicit Reporter(const config::Settings& settings)
        : settings_(settings),
          routes_(settings.routes),
          router_(settings.routes)
    {
        for (const auto& route : routes_) {
            auto host = config::parse_host_pattern(route.host);
            auto path = config::parse_path_pattern(route.match);
            if (!host || !path) continue; // no good settings
            longest_ = std::max(longest_, path->segments.size());
            places_.push_back({*std::move(host), *std::move(path)});
            methods_.insert(route.methods.begin(), route.methods.end());
        }
    }

    std::vector<PolicyFinding> run()
    {
        if (places_.size() != routes_.size()) return {};
        for (std::size_t i = 0; i < routes_.size(); ++i) {
            find_unreachable(i);
            find_open_inside(i);
            find_open_elsewhere(i);
            find_open_methods(i);
            find_methods_that_fall_nowhere(i);
            find_nowhere(i);
        }
        return std::move(found_);
    }

private:
    [[nodiscard]] std::optional<std::size_t> asked(std::string_view host, std::string_view path,
                                                   std::string_view method) const
    {
        const auto match = router_.match(host, path, method);
        if (match.route == nullptr) return std::nullopt;
        return match.route->number;
    }

    /// Another star at each place is the only thing that could take all of what a star takes, so
    /// one path of each length stands for all of them.
    void find_unreachable(std::size_t i)
    {
        const auto host = example_of(places_[i].host);
        std::optional<std::size_t> other;
        for (std::size_t depth = 0; depth <= longest_ + 1; ++depth) {
            const auto path = example_of(places_[i].path, depth);
            for (const auto* end : {"", "/"}) {
                const auto taken =
                    asked(host, path == "/" ? path : path + end, method_of(routes_[i]));
                if (taken == i) return;
                if (taken && !other) other = taken;
            }
        }
        warn(i,
             fmt::format("no request reaches this route{}",
                         other ? fmt::format(": {} takes them", name(*other)) : ""),
             "remove it, or make its `match` more specific");
    }

    /// The most specific other route that covers all of this one.
    [[nodiscard]] std::optional<std::size_t> around(std::size_t i) const
    {
        std::optional<std::size_t> nearest;
        for (std::size_t k = 0; k < routes_.size(); ++k) {
            const bool same =
                places_[k].host == places_[i].host && places_[k].path == places_[i].path;
            const bool outer = !same && config::covers(places_[k].host, places_[i].host) &&
                               config::covers(places_[k].path, places_[i].path);
            if (outer && (!nearest || is_nearer(k, *nearest))) nearest = k;
        }
        return nearest;
    }

    [[nodiscard]] bool is_nearer(std::size_t k, std::size_t than) const
    {
        const auto host = rank(places_[k].host, places_[than].host);
        if (host != 0) return host < 0;
        const auto path = rank(places_[k].path, places_[than].path);
        return path != 0 ? path < 0 : !is_open(routes_[k]) && is_open(routes_[than]);
    }

    void find_open_inside(std::size_t i)
    {
        if (!is_open(routes_[i])) return;
        const auto outer = around(i);
        if (!outer || is_open(routes_[*outer])) return;
        note(i, fmt::format("open ({}) inside {}, which asks for {}", who_may_pass(routes_[i]),
                            name(*outer), who_may_pass(routes_[*outer])));
    }

    /// Guarded for the hosts that it names, and open for all others.
    void find_open_elsewhere(std::size_t i)
    {
        if (is_open(routes_[i]) || places_[i].host.kind == config::HostPattern::Kind::none) return;
        for (std::size_t depth = 0; depth < 2; ++depth) {
            const auto taken = open_elsewhere(i, example_of(places_[i].path, depth));
            if (!taken) continue;
            return warn(
                i, fmt::format("for another Host the same path is open: {} takes it", name(*taken)),
                "guard that route, or leave out `host` here");
        }
    }

    /// One that no route names, and one for each `*.` around this route's.
    [[nodiscard]] std::vector<std::string> other_hosts(std::size_t i) const
    {
        std::vector<std::string> hosts{std::string(fresh_host)};
        for (const auto& place : places_) {
            const bool outer = place.host.kind == config::HostPattern::Kind::wildcard &&
                               config::covers(place.host, places_[i].host);
            if (outer) hosts.push_back(example_of(place.host));
        }
        return hosts;
    }

    /// The open route that takes for another host, by some method, what this one takes for its own.
    [[nodiscard]] std::optional<std::size_t> open_elsewhere(std::size_t i,
                                                            std::string_view path) const
    {
        const auto host = example_of(places_[i].host);
        for (const auto& method : methods_) {
            if (asked(host, path, method) != i) continue;
            for (const auto& other : other_hosts(i)) {
                const auto taken = asked(other, path, method);
                if (taken && is_open(routes_[*taken])) return taken;
            }
        }
        return std::nullopt;
    }

    void find_open_methods(std::size_t i)
    {
        if (!is_open(routes_[i]) || !takes_changes(routes_[i])) return;
        for (std::size_t k = 0; k < routes_.size(); ++k) {
            const bool beside =
                k != i && places_[k].host == places_[i].host && places_[k].path == places_[i].path;
            if (!beside || is_open(routes_[k])) continue;
            return warn(
                i,
                fmt::format("{} of this path {} open, although {} is guarded", methods(routes_[i]),
                            routes_[i].methods.size() == 1 ? "is" : "are", methods(routes_[k])),
                "name the methods that are open, or guard them too");
        }
    }

    /// Methods are chosen among routes of one place alone, and never fall to a wider one.
    void find_methods_that_fall_nowhere(std::size_t i)
    {
        const auto outer = around(i);
        if (!outer || !is_first_of_its_place(i)) return;
        for (const auto* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
            const auto host = example_of(places_[i].host);
            const auto path = example_of(places_[i].path, 1);
            const auto match = router_.match(host, path, method);
            if (match.route != nullptr || match.allow.empty()) continue;
            return note(i, fmt::format("{} here is 405 (Allow: {}) and does not fall to {}", method,
                                       match.allow, name(*outer)));
        }
    }

    [[nodiscard]] bool is_first_of_its_place(std::size_t i) const
    {
        for (std::size_t k = 0; k < i; ++k) {
            if (places_[k].host == places_[i].host && places_[k].path == places_[i].path)
                return false;
        }
        return true;
    }

    [[nodiscard]] std::set<std::string> arriving_at(std::size_t i) const
    {
        const auto& own = routes_[i].methods;
        return own.empty() ? methods_ : std::set<std::string>(own.begin(), own.end());
    }

    [[nodiscard]] std::optional<std::size_t>
    asked_by_any(std::string_view host, std::string_view path,
                 const std::set<std::string>& methods) const
    {
        for (const auto& method : methods) {
            if (const auto taken = asked(host, path, method)) return taken;
        }
        return std::nullopt;
    }

    void find_nowhere(std::size_t i)
    {
        if (!routes_[i].redirect || !routes_[i].redirect->to.starts_with('/')) return;
        const auto host = example_of(places_[i].host);
        auto path = example_of(places_[i].path, 1);
        auto at = i;
        auto methods = arriving_at(i);
        for (std::size_t hops = 0; hops <= routes_.size(); ++hops) {
            const auto to = Redirect(routes_[at]).location({host, path, {}, true});
            if (!to)
                return warn(i, fmt::format("{} has no place to lead to", name(at)),
                            "look at what its captures may be");
            path = to->substr(0, to->find('?'));
            if (is_auth_path(path, settings_.auth)) return;
            if (!keeps_method(routes_[at].redirect->status)) methods = {"GET"};
            const auto next = asked_by_any(host, path, methods);
            if (!next)
                return warn(i, fmt::format("leads to {}, where no route is", path),
                            "add one, or lead elsewhere");
            at = *next;
            const bool goes_on = routes_[at].redirect && routes_[at].redirect->to.starts_with('/');
            if (!goes_on) return;
        }
        warn(i, fmt::format("leads in a circle: {} again", name(at)), "lead to a route with `to`");
    }

    [[nodiscard]] std::string name(std::size_t i) const
    {
        return fmt::format("routes[{}] ({}{})", i, routes_[i].host, routes_[i].match);
    }

    static std::string methods(const RouteSettings& route)
    {
        return route.methods.empty() ? "every other method"
                                     : fmt::format("{}", fmt::join(route.methods, ", "));
    }

    void warn(std::size_t route, std::string what, std::string hint)
    {
        found_.push_back({true, route, std::move(what), std::move(hint)});
    }

    void note(std::size_t route, std::string what)
    {
        found_.push_back({false, route, std::move(what)});
    }

    const config::Settings& settings_;
    const std::vector<RouteSettings>& routes_;
    const Router router_;
    std::vector<Place> places_;
    std::set<std::string> methods_{std::string(fresh)}; // all that routes tell apart
    std::size_t longest_ = 0;
    std::vector<PolicyFinding> found_;
};

} // namespace

std::vector<PolicyFinding> policy_findings(const config::Settings& settings)
{
    return Reporter(settings).run();
}

} // namespace gatehouse::gateway
