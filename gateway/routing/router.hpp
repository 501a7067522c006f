#pragma once

#include "config/settings/traffic.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

struct Treatment;

/// One line of `routes`, ready to be chosen.
struct Route {
    const config::RouteSettings* settings = nullptr;
    /// Index into Router::upstreams(); of a redirect none.
    std::size_t upstream = 0;
    /// Its place among the routes of the settings.
    std::size_t number = 0;
    /// What it changes of what passes; null: nothing.
    const Treatment* treatment = nullptr;
};

inline constexpr std::size_t no_upstream = ~std::size_t{0};

/// What a host, a path and a method lead to.
struct RouteMatch {
    const Route* route = nullptr;
    /// Without a route: empty means no such path (404), else the value of `Allow` (405).
    std::string_view allow;
};

/// Chooses the route of a request: host exact > wildcard > none, then segment by segment
/// literal > `*` > `**`, then method > none. Immutable, so every worker reads the same one.
class Router {
public:
    /// `routes` has been validated and must outlive the router; so must `treatments`, by the place
    /// of the route, or empty.
    explicit Router(const std::vector<config::RouteSettings>& routes,
                    std::span<const std::unique_ptr<const Treatment>> treatments = {});
    ~Router();
    Router(Router&&) noexcept;
    Router& operator=(Router&&) noexcept;

    /// `host` as the client sent it: case and port do not matter. `path` is a NormalPath's text;
    /// path parameters (`;x=1`) do not take part. Allocates nothing.
    [[nodiscard]] RouteMatch match(std::string_view host, std::string_view path,
                                   std::string_view method) const noexcept;

    /// The distinct `to:` of all routes: upstream names or URLs.
    [[nodiscard]] const std::vector<std::string>& upstreams() const noexcept;

private:
    struct Tables;
    std::unique_ptr<const Tables> tables_;
};

} // namespace gatehouse::gateway
