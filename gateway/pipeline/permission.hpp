#pragma once

#include "auth/basics/clock.hpp"
#include "auth/tokens/principal.hpp"
#include "config/settings/routes.hpp"
#include "gateway/pipeline/refusal.hpp"

#include <chrono>
#include <optional>

namespace gatehouse::gateway {

/// Whoever asks has to sign in again first: the last login is older than that.  RFC 9470, 3
[[nodiscard]] Refusal needs_login(std::chrono::seconds max_age);

/// What stands between a principal and a route that looks at tokens; nothing: they may use it.
/// Refuses with `forbidden`: one of the route's roles, each of its scopes (with a challenge that
/// names them, RFC 6750, 3.1) and each of its claims; with `insufficient_user_authentication`: a
/// session that has shown what the route requires, a login within its `max_auth_age` (RFC 9470, 3).
/// These come last: another login would not help the others.
[[nodiscard]] std::optional<Refusal> refusal_for(const config::RouteSettings& route,
                                                 const auth::Principal& principal,
                                                 auth::Seconds now);

} // namespace gatehouse::gateway
