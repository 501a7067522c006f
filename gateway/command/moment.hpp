#pragma once

#include "auth/basics/clock.hpp"

#include <optional>
#include <string_view>

namespace gatehouse::gateway {

/// When something was, as a person writes it: so long ago (`24h`), or a day or time in UTC
/// (`2026-11-21`, `2026-11-21T14:30`, `2026-11-21T14:30:05Z`). Nothing: it is none of these.
[[nodiscard]] std::optional<auth::Millis> parse_moment(std::string_view text, auth::Millis now);

} // namespace gatehouse::gateway
