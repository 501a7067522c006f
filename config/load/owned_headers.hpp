#pragma once

#include "config/diagnostics/report.hpp"
#include "config/settings/settings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::config {

/// Which way a message goes.
enum class HeaderSide : std::uint8_t { request, response };

/// What a route does to a header.
enum class Change : std::uint8_t { write, remove };

/// As backends may read a name: `X_User.Id` is `x-user-id`.
[[nodiscard]] std::string folded_header(std::string_view name);

/// Why a route may not touch a header of this name, in any spelling: it says who asks, where from,
/// or where a message ends, or another setting writes it. Nothing: it may.
[[nodiscard]] std::optional<Problem> problem_with_header(const Settings& settings,
                                                         const RouteSettings& route,
                                                         HeaderSide side, Change change,
                                                         std::string_view name);

/// What to count requests by in the place of a header that Gatehouse writes for services: it comes
/// from the client when they are counted, and proves nothing. Nothing: any other header.
[[nodiscard]] std::optional<std::string_view> counted_instead(const Settings& settings,
                                                              std::string_view name);

} // namespace gatehouse::config
