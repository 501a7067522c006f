#include "gateway/api/verify.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/api/api_request.hpp"
#include "gateway/headers/only_value.hpp"
#include "gateway/headers/upstream_head.hpp"
#include "gateway/http/field_syntax.hpp"
#include "gateway/pipeline/identification.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace gatehouse::gateway {
namespace {

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

/// The one value of whichever of two fields is there, or `fallback` without either. Nothing: one
/// of them is there twice, or both are and differ.
std::optional<std::string_view> either(std::span<const Field> fields, std::string_view first,
                                       std::string_view second, std::string_view fallback)
{
    const auto firsts = count_of(fields, first);
    const auto seconds = count_of(fields, second);
    if (firsts > 1 || seconds > 1) return std::nullopt;
    const auto one = only_value(fields, first);
    const auto other = only_value(fields, second);
    if (firsts == 1 && seconds == 1 && one != other) return std::nullopt;
    if (firsts == 1) return one;
    return seconds == 1 ? other : fallback;
}

/// Takes `https://host/path?query` apart; a path alone stays as it is.
void split_url(Original& original)
{
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!original.target.starts_with(scheme)) continue;
        const auto rest = original.target.substr(scheme.size());
        const auto slash = std::min(rest.find('/'), rest.size());
        original.host = rest.substr(0, slash);
        original.target = slash < rest.size() ? rest.substr(slash) : std::string_view("/");
        return;
    }
}

/// Nothing: the peer contradicts itself.
std::optional<Original> original_of(const LocalRequest& request)
{
    const auto method =
        either(request.fields, "X-Forwarded-Method", "X-Original-Method", request.method);
    const auto target = either(request.fields, "X-Forwarded-Uri", "X-Original-URL", {});
    const auto host = either(request.fields, "X-Forwarded-Host", "X-Forwarded-Host", request.host);
    if (!method || !target || !host) return std::nullopt;
    Original original{*method, *host, *target};
    split_url(original);
    return original;
}

bool names_original(const LocalRequest& request)
{
    return count_of(request.fields, "X-Forwarded-Uri") +
               count_of(request.fields, "X-Original-URL") >
           0;
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

Result<const auth::Principal*, Refusal> judge_original(const LocalRequest& request,
                                                       const Original& original, auth::Seconds now)
{
    RequestHead head;
    head.method = original.method;
    head.host = original.host;
    head.origin_target = original.target;
    head.fields.assign(request.fields.begin(), request.fields.end());
    // Proxies keep Upgrade to themselves. No page can set this field.
    head.websocket =
        enforced("verify.websocket") && count_of(request.fields, "Sec-WebSocket-Key") > 0;
    DecisionScratch scratch;
    const auto admission = decide(*request.deciding, head, now, scratch);
    if (!admission) return as_verdict(admission.error());
    // The gateway answers preflights itself; nobody in front of us may let them through.
    if (admission->preflight != nullptr) return Refusal(RefusalCode::token_missing, "preflight");
    return admission->principal;
}

Result<const auth::Principal*, Refusal> judge(const LocalRequest& request, auth::Seconds now)
{
    const bool believed = request.peer_is_trusted || !enforced("verify.trusted_peer");
    if (!believed || !names_original(request)) {
        const auto principal = identify_bearer(*request.deciding, asking_of(request), now);
        // A client could show it to a backend by itself, past all rules of routes.
        if (principal && (request.peer_is_trusted || !enforced("verify.proof_for_trusted"))) {
            prove_identity(*request.deciding, nullptr, now);
        }
        return principal;
    }
    const auto original = original_of(request);
    if (!original) return Refusal(RefusalCode::forbidden, "contradicting original request");
    return judge_original(request, *original, now);
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

} // namespace

LocalResponse answer_verify(const LocalRequest& request, const HeaderPolicy& policy,
                            auth::Seconds now)
{
    LocalResponse response;
    const auto principal = judge(request, now);
    if (!principal) {
        response.refusal = principal.error();
        return response;
    }
    response.fields = {
        {"Cache-Control", "no-store"}
    };
    if (*principal != nullptr) add_identity(response, policy, **principal);
    return response;
}

} // namespace gatehouse::gateway
