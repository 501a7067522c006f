#pragma once

#include "auth/basics/clock.hpp"
#include "auth/tokens/principal.hpp"
#include "auth/tokens/token_error.hpp"
#include "config/basics/result.hpp"
#include "config/settings/routes.hpp"
#include "gateway/pipeline/decision.hpp"
#include "gateway/pipeline/page.hpp"
#include "gateway/pipeline/refusal.hpp"

#include <string_view>

namespace gatehouse::gateway {

/// Who asks for something on a route (null: nobody knows which), and by a page that may. Notes in
/// `scratch` what would renew a session that a cookie names. Refuses: token_missing / _invalid /
/// _expired / _revoked, origin_forbidden. Whether anybody may be believed is another question.
[[nodiscard]] Result<const auth::Principal*, Refusal>
identify(const DecisionRooms& rooms, const Asking& asking, const config::RouteSettings* route,
         auth::Seconds now, DecisionScratch& scratch);

/// Whose access token it is, as on an `auth: required` route. Valid until the next decision.
/// By cookie the page has to be as for a cookie-carried call of the auth API, whatever the method.
/// Refuses: token_missing / _invalid / _expired / _revoked, origin_forbidden, store_unavailable
/// (no lease).
[[nodiscard]] Result<const auth::Principal*, Refusal>
identify_bearer(const DecisionRooms& rooms, const Asking& asking, auth::Seconds now);

/// The same of a token or API key that came in another way.
[[nodiscard]] Result<const auth::Principal*, Refusal>
identify_credential(const DecisionRooms& rooms, std::string_view token, auth::Seconds now);

/// Whether this process may believe a token. To be asked before the token is looked at.
[[nodiscard]] bool may_believe(const DecisionRooms& rooms) noexcept;
/// What to say where it may not.
[[nodiscard]] Refusal no_lease();

/// The refusal of a token on a route; null: on none. A contract may have another status for it.
[[nodiscard]] Refusal token_refusal(const DecisionRooms& rooms, const config::RouteSettings* route,
                                    auth::TokenError error);

} // namespace gatehouse::gateway
