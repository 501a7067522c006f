#pragma once

#include "config/settings/routes.hpp"
#include "config/templates/text_template.hpp"
#include "gateway/routing/path_template.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// What a redirect is made of, of one request.
struct RedirectFacts {
    std::string_view host;  // as it was sent
    std::string_view path;  // as judged
    std::string_view query; // empty, or `?` and the rest
    bool params = false;    // the route takes path parameters
};

/// Where a route sends whoever may use it.
class Redirect {
public:
    /// Its `redirect` has been read and found good.
    explicit Redirect(const config::RouteSettings& route);

    [[nodiscard]] unsigned status() const noexcept { return status_; }

    /// The Location. Nothing: the request makes none that is safe to be sent to. No host comes
    /// from anything but the settings and, on a route with a `host`, from a Host that fits it.
    [[nodiscard]] std::optional<std::string> location(const RedirectFacts& facts) const;

private:
    std::optional<PathTemplate> path_;
    config::RedirectTemplate target_;
    unsigned status_ = 308;
};

} // namespace gatehouse::gateway
