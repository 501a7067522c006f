#pragma once

#include "config/basics/result.hpp"
#include "config/routes/pattern.hpp"
#include "config/settings/routes.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// What an operator wants forgotten, as asked for: nothing in it is everything.
struct PurgeQuestion {
    std::optional<std::string> route{}; // what metrics call it
    std::optional<std::string> host{};  // of a request, or `*.` and a name
    std::optional<std::string> path{};  // a pattern, as that of a route
};

/// Which of it cannot be, and why.
struct PurgeMistake {
    std::string member;
    std::string message;
};

/// The same as kept answers are asked: by the names of resources, and by their keys.
class CachePurge {
public:
    /// Everything.
    CachePurge() = default;

    [[nodiscard]] static Result<CachePurge, PurgeMistake>
    read(const PurgeQuestion& question, std::span<const config::RouteSettings> routes);

    /// Of a resource_key(), and of a KeyedRequest's keys.
    [[nodiscard]] bool covers_resource(std::string_view resource) const;
    [[nodiscard]] bool covers_key(std::string_view key) const;

private:
    std::optional<std::vector<std::string>> routes_; // their places in the settings, as keys say it
    config::HostPattern host_{};
    std::optional<config::PathPattern> path_;
};

} // namespace gatehouse::gateway
