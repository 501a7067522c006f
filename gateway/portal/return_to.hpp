#pragma once

#include <span>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// Whether a sign-in may lead to this place afterwards: a path of the own origin (`/orders?page=2`)
/// or of one of `origins`. Whoever writes links chooses it, so nothing is guessed or mended: what
/// two programs could read in two ways is refused. assets/return-to.js is the same rule for
/// browsers; one table holds both (tests/gateway/portal/return_to.json).
[[nodiscard]] bool may_return_to(std::string_view place, std::span<const std::string> origins);

} // namespace gatehouse::gateway
