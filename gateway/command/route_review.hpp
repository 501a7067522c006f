#pragma once

#include "config/settings/settings.hpp"

#include <string>

namespace gatehouse::gateway {

/// `a token with one of the roles admin, root`
[[nodiscard]] std::string who_may_pass(const config::RouteSettings& route);

/// All routes, the most specific first, each with who may pass and where to: for a review.
[[nodiscard]] std::string route_table(const config::Settings& settings);

} // namespace gatehouse::gateway
