#pragma once

#include "auth/basics/clock.hpp"
#include "auth/tokens/principal.hpp"
#include "config/basics/result.hpp"
#include "config/settings/settings.hpp"
#include "gateway/http/head.hpp"
#include "gateway/pipeline/refusal.hpp"
#include "gateway/pipeline/session_renewal.hpp"
#include "gateway/routing/path.hpp"
#include "gateway/routing/router.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::auth {
class Authenticator;
class FeedLease;
} // namespace gatehouse::auth

namespace gatehouse::gateway {

class AddressRates;
struct ClientCertificate;

/// What a decision is made with. All of it belongs to one worker.
struct DecisionRooms {
    const Router& router;
    auth::Authenticator& authenticator;
    /// The change feed has been silent for so long that `on_stale: deny` routes must refuse.
    bool stale = false;
    /// What the auth API answers, or looks as if it did, is never a route's.
    const config::AuthApiSettings& auth;
    /// Where logouts are confirmed: without it no token may be believed.
    const auth::FeedLease* lease = nullptr;
    /// The client came over TLS. Asked where a cookie may carry the access token.
    bool secure = false;
    /// Set where backends get a signed identity.
    const config::SignedIdentity* proof = nullptr;
    /// The access token that was just made for this request, in place of its cookie.
    std::string_view renewed{};
    /// Set where requests are counted before their token is looked at.
    const AddressRates* rates = nullptr;
    /// What the client has shown on the connection of this very request; null: nothing, or it is
    /// not believed.
    const ClientCertificate* certificate = nullptr;
};

/// What of the settings a decision is made with.
[[nodiscard]] inline const config::SignedIdentity* proof_of(const config::Settings& settings)
{
    return settings.identity.proof ? &*settings.identity.proof : nullptr;
}

/// Of a signed identity; zero: none is made.
[[nodiscard]] inline std::chrono::seconds proof_life_of(const config::Settings& settings)
{
    return settings.identity.proof ? settings.identity.proof->ttl : std::chrono::seconds(0);
}

/// Leave to go on, and where to.
struct Admission {
    const Route* route = nullptr;
    std::string_view path;  // as judged, and so as forwarded (before strip_prefix)
    std::string_view query; // empty, or `?` and the rest, byte for byte
    /// Set on a route that looks at tokens when one was there; valid until the next decision.
    const auth::Principal* principal = nullptr;
    /// Set for a CORS preflight: answer it with write_preflight() and forward nothing.
    const config::CorsSettings* preflight = nullptr;
    /// A WebSocket handshake that is to be passed on as one.
    bool upgrade = false;
    std::string_view rewritten{}; // the path as forwarded, on a route with `rewrite`; else empty
};

/// Memory a decision works in; one per connection or per worker, reused.
struct DecisionScratch {
    std::string path;
    /// The route and path this decision came to, also when it ended in a refusal: for CORS fields
    /// on the refusal and for the log.
    const Route* route = nullptr;
    std::string_view judged_path;
    /// On a route with `session_cookie`: what would bring the access token that is missing. Whether
    /// that is done or not is for whoever asked; until then the decision is as without it.
    Renewal renewal;
    /// The refusal is of a session that has ended, and that a cookie named.
    bool cookie_is_over = false;
    std::string rewritten;
    /// Whose token is good, also when it lacks what the route asks for.
    const auth::Principal* known = nullptr;
    /// On a route with `report_only`: why the request would have been refused.
    std::optional<Refusal> reported;
};

/// Where a request wants to go: its path, judged once for everybody who asks, and its query.
struct Destination {
    Result<NormalPath, RefusalCode> path;
    std::string_view query; // empty, or `?` and the rest, byte for byte
};

/// Reads origin_target. The views point into it or into `scratch`.
[[nodiscard]] Destination destination_of(const RequestHead& head, DecisionScratch& scratch);

/// Has whoever was identified last carry a signed identity for the service behind `route`; null:
/// for whom the settings name, if they name anybody. decide() does so by itself.
void prove_identity(const DecisionRooms& rooms, const config::RouteSettings* route,
                    auth::Seconds now);

/// The one decision: path, route, token, page, permission. The proxy, `explain` and /auth/verify
/// all ask this function. Reads method, host and fields of the head and nothing else. Views in the
/// answer point into `head`, `scratch` and the authenticator. Refuses: bad_request (path),
/// token_missing / _invalid / _expired / _revoked, origin_forbidden (by cookie, from a page that
/// may not be ours, methods that change something), forbidden and
/// insufficient_user_authentication (permission), forbidden (certificate), not_found and
/// method_not_allowed (both only behind a good token), too_many_requests (by address),
/// store_unavailable (stale, or no lease), and bad_request (what a rewrite makes of the path is
/// none). On a route with `report_only` what the token, permission and certificate would be refused
/// for is noted in `scratch` instead; there is a principal only where the token is good.
[[nodiscard]] Result<Admission, Refusal> decide(const DecisionRooms& rooms, const RequestHead& head,
                                                const Destination& destination, auth::Seconds now,
                                                DecisionScratch& scratch);
/// The same for the head's own destination.
[[nodiscard]] Result<Admission, Refusal> decide(const DecisionRooms& rooms, const RequestHead& head,
                                                auth::Seconds now, DecisionScratch& scratch);

} // namespace gatehouse::gateway
