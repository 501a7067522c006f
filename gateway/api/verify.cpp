#include "gateway/api/verify.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/api/api_request.hpp"
#include "gateway/headers/only_value.hpp"
#include "gateway/headers/treatment.hpp"
#include "gateway/headers/upstream_head.hpp"
#include "gateway/http/authority.hpp"
#include "gateway/http/field_syntax.hpp"
#include "gateway/pipeline/identification.hpp"
#include "gateway/pipeline/login_redirect.hpp"
#include "gateway/routing/path.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::gateway {
namespace {

using Names = std::initializer_list<std::string_view>;

constexpr Names method_names = {"X-Forwarded-Method", "X-Original-Method"};
constexpr Names target_names = {"X-Forwarded-Uri", "X-Original-URL", "X-Original-URI"};

/// The original request, as a trusted peer tells it.
struct Original {
    std::string_view method;
    std::string_view host;
    std::string_view target; // path and query
};

std::size_t count_of(std::span<const Field> fields, std::string_view name)
{
    return static_cast<std::size_t>(std::ranges::count_if(
        fields, [&](const auto& field) { return equal_ignoring_case(field.name, name); }));
}

/// The one value of whichever of these fields are there, or `fallback` without any. Nothing: one of
/// them is there twice, or two of them differ.
std::optional<std::string_view> agreed(std::span<const Field> fields, Names names,
                                       std::string_view fallback)
{
    std::optional<std::string_view> found;
    for (const auto name : names) {
        const auto count = count_of(fields, name);
        if (count == 0) continue;
        const auto value = only_value(fields, name);
        if (count > 1 || (found && *found != value)) return std::nullopt;
        found = value;
    }
    return found.value_or(fallback);
}

/// Takes the host of `https://host/path?query` off; a path alone has none.
std::string_view take_host(std::string_view& target)
{
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!target.starts_with(scheme)) continue;
        const auto rest = target.substr(scheme.size());
        const auto slash = std::min(rest.find('/'), rest.size());
        target = slash < rest.size() ? rest.substr(slash) : std::string_view("/");
        return rest.substr(0, slash);
    }
    return {};
}

/// `behind`: path and query of the original request where it came as such (Envoy), with nothing
/// but the service's path in front. Nothing: the peer contradicts itself.
std::optional<Original> original_of(const LocalRequest& request, std::string_view behind)
{
    const auto& fields = request.fields;
    const auto method = agreed(fields, method_names, request.method);
    auto target = agreed(fields, target_names, behind);
    const auto host = agreed(fields, {"X-Forwarded-Host"}, {});
    if (!method || !target || !host) return std::nullopt;
    const auto in_url = take_host(*target);
    // One of two that differ is always the client's.
    const bool two_hosts = !in_url.empty() && !host->empty() && in_url != *host;
    const bool two_requests = !behind.empty() && (*target != behind || *method != request.method ||
                                                  (!host->empty() && *host != request.host));
    if (enforced("verify.one_original") && (two_hosts || two_requests)) return std::nullopt;
    const auto named = in_url.empty() ? *host : in_url;
    // `http://a?b=/c` has no path: nginx serves `/`, and what is read here as one is the query's.
    if (enforced("verify.host") && !named.empty() && !is_authority(named)) return std::nullopt;
    return Original{*method, named.empty() ? request.host : named, *target};
}

/// What the proxy refuses while it reads a head: haproxy and Caddy pass these on. `DELETE, GET` was
/// put together from two fields, of which one is the client's.  R7
bool is_refused_method(std::string_view method) noexcept
{
    return !is_token(method) || equal_ignoring_case(method, "TRACE") ||
           equal_ignoring_case(method, "CONNECT");
}

bool names_any(const LocalRequest& request, Names names)
{
    return std::ranges::any_of(
        names, [&](std::string_view name) { return count_of(request.fields, name) > 0; });
}

/// What whoever asked can pass on: 401 and 503 as they are, all else 403.
Refusal as_verdict(Refusal refusal)
{
    const auto status = status_of(refusal);
    if (status == 401 || status == 503) return refusal;
    Refusal verdict{RefusalCode::forbidden, std::string(to_string(refusal.code))};
    verdict.challenge = std::move(refusal.challenge);
    return verdict;
}

/// Whether the client gets our answer as it is: nginx, which asks by X-Original-*, makes pages of
/// its own of a 401 and a failure of all else.
bool passes_answers_on(const LocalRequest& request, std::string_view behind)
{
    return !behind.empty() || names_any(request, {"X-Forwarded-Uri"});
}

/// For a browser that wants a page of a route with `login: redirect`.
LocalResponse way_to_sign_in(const config::Settings& settings, std::string_view target,
                             RefusalCode code)
{
    LocalResponse response;
    response.status = 302;
    response.fields = {
        {"Location", sign_in_location(settings, target, code)},
        {"Cache-Control", "no-store"},
        {"Vary", "Accept, Authorization, Cookie, Sec-Fetch-Mode"}
    };
    return response;
}

LocalResponse refused_with(Refusal refusal)
{
    LocalResponse response;
    response.refusal = std::move(refusal);
    return response;
}

void add_identity(LocalResponse& response, const HeaderPolicy& policy,
                  const auth::Principal& principal)
{
    std::vector<char> room(policy.most_identity_bytes);
    HeadWriter out(room);
    write_identity_fields(out, policy, principal);
    if (out.overflowed()) return;
    for (auto rest = out.written(); !rest.empty();) {
        const auto line = rest.substr(0, rest.find("\r\n"));
        rest.remove_prefix(line.size() + 2);
        const auto colon = line.find(": ");
        response.fields.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    }
    response.user_id = principal.user_id;
}

/// Envoy leaves a client's field in its place where we send none of that name, unless it is told.
void take_others_away(LocalResponse& response, const HeaderPolicy& policy)
{
    std::vector<std::string_view> names{"X-User-Id", "X-Session-Id", "X-User-Roles",
                                        policy.proof_header};
    if (!equal_ignoring_case(policy.identity_header, names.front()))
        names.push_back(policy.identity_header);
    names.insert(names.end(), policy.claim_headers.begin(), policy.claim_headers.end());
    names.insert(names.end(), policy.certificate_headers.begin(), policy.certificate_headers.end());
    std::string gone;
    for (const auto name : names) {
        const auto is_sent = [name](const auto& field) {
            return equal_ignoring_case(field.first, name);
        };
        if (name.empty() || std::ranges::any_of(response.fields, is_sent)) continue;
        gone.append(gone.empty() ? "" : ",").append(name);
    }
    if (!gone.empty()) response.fields.emplace_back("x-envoy-auth-headers-to-remove", gone);
}

/// Where Gatehouse itself would send the request on: no service may get it, whoever forwards here.
LocalResponse sent_on(const Redirect& redirect, const Original& original,
                      const Admission& admission, bool passed_on)
{
    auto to = redirect.location({original.host, admission.path, admission.query,
                                 admission.route->settings->allow_path_params});
    if (!to || !passed_on) return refused_with(Refusal(RefusalCode::forbidden, "a redirect"));
    LocalResponse response;
    response.status = redirect.status();
    response.fields = {
        {"Location",      *std::move(to)},
        {"Cache-Control", "no-store"    }
    };
    return response;
}

LocalResponse admitted(const HeaderPolicy& policy, const auth::Principal* principal)
{
    LocalResponse response;
    response.fields = {
        {"Cache-Control", "no-store"}
    };
    if (principal != nullptr) add_identity(response, policy, *principal);
    return response;
}

/// The token alone, as on a route with `auth: required`.
LocalResponse judge_token(const LocalRequest& request, const HeaderPolicy& policy,
                          auth::Seconds now)
{
    const auto principal = identify_bearer(*request.deciding, asking_of(request), now);
    if (!principal) return refused_with(principal.error());
    // A client could show it to a backend by itself, past all rules of routes.
    if (request.peer_is_trusted || !enforced("verify.proof_for_trusted"))
        prove_identity(*request.deciding, nullptr, now);
    return admitted(policy, *principal);
}

LocalResponse judge_original(const LocalRequest& request, const VerifyTerms& terms,
                             std::string_view behind, auth::Seconds now)
{
    const auto original = original_of(request, behind);
    if (!original)
        return refused_with(Refusal(RefusalCode::forbidden, "contradicting original request"));
    if (enforced("verify.method") && is_refused_method(original->method))
        return refused_with(Refusal(RefusalCode::forbidden, "TRACE or CONNECT"));
    RequestHead head;
    head.method = original->method;
    head.host = original->host;
    head.origin_target = original->target;
    head.fields.assign(request.fields.begin(), request.fields.end());
    // Proxies keep Upgrade to themselves. No page can set this field.
    head.websocket =
        enforced("verify.websocket") && count_of(request.fields, "Sec-WebSocket-Key") > 0;
    DecisionScratch scratch;
    auto deciding = *request.deciding;
    // What this connection has shown is whoever asks, and not the client that it asks for.
    if (enforced("verify.certificate")) deciding.certificate = nullptr;
    const auto admission = decide(deciding, head, now, scratch);
    if (!admission) {
        const auto code = admission.error().code;
        const bool redirects = scratch.route != nullptr &&
                               scratch.route->settings->login == config::LoginAnswer::redirect;
        if (redirects && passes_answers_on(request, behind) && asks_to_sign_in(code) &&
            wants_a_page(head))
            return way_to_sign_in(terms.settings, original->target, code);
        return refused_with(as_verdict(admission.error()));
    }
    // The gateway answers preflights itself; nobody in front of us may let them through.
    if (admission->preflight != nullptr)
        return refused_with(Refusal(RefusalCode::token_missing, "preflight"));
    const auto* treatment = admission->route->treatment;
    const bool elsewhere = enforced("verify.redirect") && treatment && treatment->redirect;
    // What is served is the path as it came, whatever was judged.  R23
    const auto path = original->target.substr(0, original->target.find('?'));
    if (!elsewhere && enforced("verify.path") && has_segments_to_resolve(path))
        return refused_with(Refusal(RefusalCode::forbidden, "a path that others may resolve"));
    auto response = elsewhere ? sent_on(*treatment->redirect, *original, *admission,
                                        passes_answers_on(request, behind))
                              : admitted(terms.policy, admission->principal);
    if (scratch.reported) response.would_refuse = scratch.reported->code;
    if (!elsewhere && !behind.empty()) take_others_away(response, terms.policy);
    return response;
}

} // namespace

LocalResponse answer_verify(const LocalRequest& request, const VerifyTerms& terms,
                            auth::Seconds now)
{
    const bool believed = request.peer_is_trusted || !enforced("verify.trusted_peer");
    std::string behind;
    if (believed && request.path.starts_with(terms.path) && request.path != terms.path) {
        behind = request.path.substr(terms.path.size());
        if (!request.query.empty()) behind.append("?").append(request.query);
    }
    const bool named = !behind.empty() || names_any(request, target_names);
    if (!believed || !named) return judge_token(request, terms.policy, now);
    return judge_original(request, terms, behind, now);
}

} // namespace gatehouse::gateway
