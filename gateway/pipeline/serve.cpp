#include "gateway/pipeline/serve.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/headers/client.hpp"
#include "gateway/headers/cors.hpp"
#include "gateway/headers/treatment.hpp"
#include "gateway/pipeline/serve_cache.hpp"
#include "gateway/pipeline/serve_limits.hpp"
#include "gateway/pipeline/serve_steps.hpp"
#include "gateway/pipeline/serve_trace.hpp"
#include "gateway/routing/auth_prefix.hpp"

#include <memory>

namespace gatehouse::gateway {
namespace {

/// Who answers `path` besides the upstreams.  R26
LocalEndpoint* own_endpoint(const Exchange& exchange, std::string_view path)
{
    if (exchange.client.only != nullptr) return exchange.client.only;
    const auto& runtime = *exchange.generation->runtime;
    const bool ours = is_auth_path(path, runtime.settings.auth) || path == "/.well-known/jwks.json";
    return ours ? runtime.auth_api.get() : nullptr;
}

std::string_view path_of(const RequestHead& request) noexcept
{
    return request.origin_target.substr(0, request.origin_target.find('?'));
}

/// As it came, for its dots could lead out of our path.
bool asks_for_a_verdict(const Exchange& exchange) noexcept
{
    const auto& runtime = *exchange.generation->runtime;
    return exchange.client.only == nullptr && runtime.auth_api != nullptr &&
           is_verdict_path(path_of(exchange.request), runtime.settings.auth.prefix);
}

/// Whoever asks for a verdict takes any 2xx for a yes, also one about a preflight, and may have
/// been left out of the trusted proxies.
bool is_for_a_verdict(std::string_view path, std::string_view prefix) noexcept
{
    const bool alone = path.starts_with(prefix) && path.substr(prefix.size()) == "/verify";
    return enforced("serve.preflight_verdict") && (alone || is_verdict_path(path, prefix));
}

/// The CORS rules of the auth API if this is a preflight for it.
const config::CorsSettings* asked_auth_cors(const Exchange& exchange, std::string_view path)
{
    const auto& auth = exchange.settings().auth;
    const bool asked = exchange.client.only == nullptr && auth.cors &&
                       is_preflight(exchange.request.method, exchange.request.fields) &&
                       !is_for_a_verdict(path, auth.prefix);
    return asked ? &*auth.cors : nullptr;
}

/// What an authority asks for before it signs a certificate, over HTTP.  RFC 8555, 8.3
bool proves_a_name(std::string_view path)
{
    return path.starts_with("/.well-known/acme-challenge/");
}

std::uint64_t largest_body(const Exchange& exchange, const Admission& admission)
{
    const auto& own = admission.route->settings->max_body_bytes;
    return own ? *own : exchange.settings().limits.max_body_bytes;
}

bool announces_too_much(const Exchange& exchange, const Admission& admission)
{
    const auto largest = largest_body(exchange, admission);
    const auto& framing = exchange.request.framing;
    return largest != 0 && framing.kind == BodyKind::length && framing.length > largest;
}

/// What is empty in both, as it is for nearly everybody, is not even assigned.
template <class Text>
void take(Text& mine, const Text& theirs)
{
    if (!mine.empty() || !theirs.empty()) mine = theirs;
}

template <class T>
void take(std::shared_ptr<T>& mine, const std::shared_ptr<T>& theirs)
{
    if (mine || theirs) mine = theirs;
}

/// All of a principal that is asked for behind the decision.
void copy(auth::Principal& mine, const auth::Principal& theirs)
{
    mine.user_id = theirs.user_id;
    mine.session_id = theirs.session_id;
    mine.expires_at = theirs.expires_at;
    mine.issuer = theirs.issuer;
    take(mine.roles, theirs.roles);
    take(mine.api_key, theirs.api_key);
    take(mine.told, theirs.told);
    take(mine.proof, theirs.proof);
}

const ClientCertificate* believed_certificate(const ClientSide& client) noexcept
{
    return client.certificate == nullptr ? nullptr : &client.certificate->is;
}

/// Whether the client came over TLS, where that is going to be asked.
bool is_secure(const Exchange& exchange)
{
    const auto& runtime = *exchange.generation->runtime;
    if (!runtime.settings.auth.has_access_cookie()) return false;
    return client_of(exchange.request, exchange.client.peer(), runtime.clients).secure;
}

/// Behind a WebSocket handshake nothing may come before it is answered: whether it would be the
/// first frame or the next request is not known yet, and must not be guessed.  R10
bool says_more_than_handshake(Exchange& exchange)
{
    return enforced("serve.websocket_alone") && exchange.request.websocket &&
           !exchange.behind_head().empty();
}

/// What a route that only reports would have said.
void note_reported(Exchange& exchange, Rooms& rooms)
{
    const auto& refusal = *exchange.scratch.reported;
    rooms.counters.reported(refusal.code);
    exchange.would_refuse = to_string(refusal.code);
    exchange.reason = refusal.reason;
}

} // namespace

void keep_admission(Exchange& exchange, const Admission& admission)
{
    exchange.admission = admission;
    if (admission.principal == nullptr) return;
    copy(exchange.principal, *admission.principal);
    exchange.admission.principal = &exchange.principal;
}

DecisionRooms deciding_rooms(Exchange& exchange, const Rooms& rooms)
{
    auto& generation = *exchange.generation;
    const auto& settings = generation.runtime->settings;
    return {generation.runtime->router,
            generation.authenticator,
            rooms.shared.feed_is_stale.load(std::memory_order_relaxed),
            settings.auth,
            rooms.shared.lease,
            is_secure(exchange),
            proof_of(settings),
            {},
            nullptr,
            believed_certificate(exchange.client)};
}

Result<Admission, Refusal> decide_and_count(Exchange& exchange, Rooms& rooms,
                                            const Destination& destination, Round round,
                                            std::string_view renewed)
{
    auto& authenticator = exchange.generation->authenticator;
    auto deciding = deciding_rooms(exchange, rooms);
    deciding.renewed = renewed;
    const AddressRates rates(exchange);
    if (round == Round::first && !exchange.generation->limits.empty()) deciding.rates = &rates;
    const auto hits = authenticator.cache_hits();
    const auto verified = authenticator.verifications();
    DecisionTrace trace(exchange, rooms);
    // Nothing has been waited for since the head arrived, or for its renewal alone: that is now.
    const auto now = std::chrono::floor<std::chrono::seconds>(exchange.at);
    auto admission = decide(deciding, exchange.request, destination, now, exchange.scratch);
    const auto new_hits = authenticator.cache_hits() - hits;
    const auto new_misses = authenticator.verifications() - verified;
    rooms.counters.token_cache_hits.add(new_hits);
    rooms.counters.token_cache_misses.add(new_misses);
    trace.made(admission, new_hits != 0, new_misses != 0);
    return admission;
}

// No coroutine itself: it names the one that goes on.
Task<After> go_on(Exchange& exchange, Rooms& rooms, const Result<Admission, Refusal>& admission)
{
    if (!admission) return refuse_request(exchange, rooms, admission.error());

    if (admission->preflight != nullptr) {
        return answer_preflight(exchange, rooms, *admission->preflight,
                                admission->route->settings->methods);
    }
    if (enforced("serve.max_body") && announces_too_much(exchange, *admission)) {
        return refuse(exchange, rooms, RefusalCode::body_too_large);
    }
    if (has_limits(exchange)) {
        const auto refusal = refuse_by_limits(exchange, rooms, *admission);
        if (refusal) return refuse(exchange, rooms, *refusal);
    }

    keep_admission(exchange, *admission);
    if (exchange.scratch.reported) [[unlikely]]
        note_reported(exchange, rooms);
    if (const auto* treatment = admission->route->treatment; treatment && treatment->redirect)
        return redirect(exchange, rooms);
    if (may_be_kept(exchange)) [[unlikely]]
        return serve_from_cache(exchange, rooms);
    return forward(exchange, rooms);
}

// No coroutine itself: it decides at once and names the one that goes on.
Task<After> serve(Exchange& exchange, Rooms& rooms)
{
    if (says_more_than_handshake(exchange)) {
        return refuse(exchange, rooms,
                      Refusal(RefusalCode::bad_request, "bytes behind a handshake"));
    }
    const auto destination = destination_of(exchange.request, exchange.scratch);
    // Empty for a path that has no spelling: decide() refuses it.
    const auto path = destination.path ? destination.path->text : std::string_view{};
    if (exchange.client.to_https && !proves_a_name(path)) [[unlikely]]
        return send_to_https(exchange, rooms);
    if (exchange.client.trusted && asks_for_a_verdict(exchange)) {
        auto& auth_api = *exchange.generation->runtime->auth_api;
        return answer_locally(exchange, rooms, auth_api, path_of(exchange.request));
    }
    if (auto* endpoint = own_endpoint(exchange, path)) {
        if (const auto* cors = asked_auth_cors(exchange, path)) {
            return answer_preflight(exchange, rooms, *cors, {});
        }
        return answer_locally(exchange, rooms, *endpoint, path);
    }
    if (rooms.late && sheds(exchange, rooms))
        return refuse(exchange, rooms, RefusalCode::overloaded);

    const auto admission = decide_and_count(exchange, rooms, destination, Round::first, {});
    const bool may_renew = !exchange.scratch.renewal.refresh_token.empty();
    if (may_renew && exchange.generation->runtime->renewer) return renew_and_go_on(exchange, rooms);
    return go_on(exchange, rooms, admission);
}

} // namespace gatehouse::gateway
