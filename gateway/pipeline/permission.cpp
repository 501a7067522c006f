#include "gateway/pipeline/permission.hpp"

#include "auth/tokens/scopes.hpp"
#include "auth/tokens/told_claims.hpp"
#include "config/basics/enforced.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

using Texts = std::vector<std::string>;

bool contains(const Texts& all, const std::string& one) noexcept
{
    return std::ranges::find(all, one) != all.end();
}

bool share_one(const Texts& left, const Texts& right) noexcept
{
    return std::ranges::any_of(left, [&](const auto& one) { return contains(right, one); });
}

bool has_role(const Texts& wanted, const auth::Principal& principal) noexcept
{
    return wanted.empty() || share_one(wanted, principal.roles);
}

bool has_scopes(const Texts& wanted, const auth::Principal& principal) noexcept
{
    return std::ranges::all_of(
        wanted, [&](const auto& scope) { return contains(principal.scopes, scope); });
}

bool says(const auth::Principal& principal, const config::ClaimRule& rule) noexcept
{
    const auto* claim = principal.told ? principal.told->find(rule.path) : nullptr;
    return claim != nullptr && share_one(rule.any_of, claim->values);
}

Refusal lacks_scopes(const Texts& wanted)
{
    const auto text = auth::scope_text(wanted);
    Refusal refusal{RefusalCode::forbidden, "not all of the scopes " + text};
    refusal.challenge = R"(error="insufficient_scope", scope=")" + text + '"';
    return refusal;
}

/// A token that does not say when the user logged in proves no recent login.
bool is_fresh(std::chrono::seconds max_age, const auth::Principal& principal, auth::Seconds now)
{
    return principal.auth_time && now - *principal.auth_time <= max_age;
}

bool is_shown(const std::string& proof, const auth::Principal& principal) noexcept
{
    return proof == config::proof_passkey ? principal.shown.passkey : principal.shown.code;
}

bool has_shown(const Texts& wanted, const auth::Principal& principal) noexcept
{
    return std::ranges::all_of(wanted,
                               [&](const auto& proof) { return is_shown(proof, principal); });
}

/// The session has to be a better one: what its user has to show is in `acr_values`, how recently
/// in `max_age`. Both at once, so that one login is enough.
Refusal needs_better_session(const config::RouteSettings& route, const auth::Principal& principal,
                             auth::Seconds now)
{
    Refusal refusal{RefusalCode::insufficient_user_authentication};
    refusal.challenge = R"(error="insufficient_user_authentication")";
    std::string missing;
    for (const auto& proof : route.require) {
        if (is_shown(proof, principal)) continue;
        missing.append(missing.empty() ? "" : " ").append(proof);
    }
    if (!missing.empty()) {
        refusal.reason = "not shown: " + missing;
        refusal.message = "More proof of who you are is required: " + missing;
        refusal.challenge += R"(, acr_values=")" + missing + '"';
    }
    const auto& max_age = route.max_auth_age;
    if (max_age && !is_fresh(*max_age, principal, now)) {
        refusal.reason.append(missing.empty() ? "" : "; ").append("login is too long ago");
        refusal.challenge += R"(, max_age=")" + std::to_string(max_age->count()) + '"';
    }
    return refusal;
}

} // namespace

Refusal needs_login(std::chrono::seconds max_age)
{
    Refusal refusal{RefusalCode::insufficient_user_authentication, "login is too long ago"};
    refusal.challenge = R"(error="insufficient_user_authentication", max_age=")" +
                        std::to_string(max_age.count()) + '"';
    return refusal;
}

std::optional<Refusal> refusal_for(const config::RouteSettings& route,
                                   const auth::Principal& principal, auth::Seconds now)
{
    if (enforced("decision.api_keys") && !route.api_keys && !principal.api_key.empty()) {
        return Refusal{RefusalCode::forbidden, "an API key"};
    }
    if (enforced("decision.roles") && !has_role(route.roles, principal)) {
        return Refusal{RefusalCode::forbidden, "none of the route's roles"};
    }
    if (enforced("decision.scopes") && !has_scopes(route.scopes, principal)) {
        return lacks_scopes(route.scopes);
    }
    for (const auto& rule : route.claims) {
        if (!enforced("decision.claims") || says(principal, rule)) continue;
        return Refusal{RefusalCode::forbidden, "not the claim " + rule.path};
    }
    if (enforced("decision.require") && !has_shown(route.require, principal)) {
        return needs_better_session(route, principal, now);
    }
    const auto& max_age = route.max_auth_age;
    if (enforced("decision.max_auth_age") && max_age && !is_fresh(*max_age, principal, now)) {
        return needs_better_session(route, principal, now);
    }
    return std::nullopt;
}

} // namespace gatehouse::gateway
