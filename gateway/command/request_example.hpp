#pragma once

#include "config/routes/pattern.hpp"
#include "config/settings/routes.hpp"

#include <string>
#include <string_view>

/// Requests that a route fits, and that as few others as possible do.
namespace gatehouse::gateway {

// A segment, a method and a host that no route spells out.
inline constexpr std::string_view fresh = "~gatehouse~";
inline constexpr std::string_view fresh_host = "gatehouse.invalid";

/// `depth`: segments in the place of `**`.
[[nodiscard]] std::string example_of(const config::PathPattern& pattern, std::size_t depth);
[[nodiscard]] std::string example_of(const config::HostPattern& pattern);
[[nodiscard]] std::string_view method_of(const config::RouteSettings& route);

} // namespace gatehouse::gateway
