#include "auth/tokens/foreign_verifier.hpp"

#include "auth/basics/id.hpp"
#include "auth/jose/base64url.hpp"
#include "auth/jose/compact.hpp"
#include "auth/tokens/claim_values.hpp"
#include "auth/tokens/foreign_user.hpp"
#include "auth/tokens/token_reader.hpp"
#include "auth/tokens/token_verifier.hpp"
#include "config/basics/enforced.hpp"
#include "config/claims/claim_path.hpp"
#include "config/forms/forms.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::auth {
namespace {

using Texts = std::vector<std::string>;

constexpr std::size_t longest_subject = 1024;

/// Media types have no case, and `application/` is understood (RFC 7515, 4.1.9).
std::string bare_type(std::string_view type)
{
    std::string text(type);
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    constexpr std::string_view prefix = "application/";
    if (text.starts_with(prefix)) text.erase(0, prefix.size());
    return text;
}

bool share_one(const Texts& left, const Texts& right)
{
    return std::ranges::any_of(
        left, [&](const auto& each) { return std::ranges::find(right, each) != right.end(); });
}

void add_once(Texts& all, std::string one)
{
    if (std::ranges::find(all, one) == all.end()) all.push_back(std::move(one));
}

/// Which of them hold at `now`: the times of a token of somebody else.
Result<Seconds, TokenError> check_times_of(const json::Value& payload, Seconds now,
                                           std::chrono::seconds leeway)
{
    const auto expires_at = read_time(payload, "exp");
    const auto not_before = read_time(payload, "nbf");
    const auto issued_at = read_time(payload, "iat");
    if (!expires_at || !not_before || !issued_at) return TokenError::malformed;
    const auto in_time = check_times({*expires_at, *not_before}, now, leeway);
    if (!in_time) return in_time.error();
    if (enforced("foreign.iat") && *issued_at && **issued_at > now + leeway) {
        return TokenError::not_yet_valid;
    }
    return expires_at->value_or(Seconds());
}

} // namespace

std::string claimed_issuer(std::string_view token)
{
    if (token.size() > longest_token_bytes) return {};
    const auto text = jose::split_compact(token);
    if (!text) return {};
    const auto payload = read_payload(text->payload);
    const auto* issuer = payload ? payload->find_string("iss") : nullptr;
    return issuer == nullptr ? std::string() : *issuer;
}

std::string claimed_key(std::string_view token)
{
    const auto text = jose::split_compact(token);
    const auto header = text ? read_foreign_header(text->header) : TokenError::malformed;
    return header ? header->kid.value_or("") : std::string();
}

ForeignVerifier::ForeignVerifier(std::string name, const config::IssuerSettings& settings)
    : name_(std::move(name)),
      settings_(settings),
      subject_(config::split_claim_path(settings.subject)),
      roles_from_(config::split_claim_path(settings.roles_from)),
      scopes_from_(config::split_claim_path(settings.scopes_from))
{
    for (auto& type : settings_.typ) type = bare_type(type);
    for (const auto& rule : settings_.claims) {
        rules_.push_back({config::split_claim_path(rule.path), rule.any_of});
    }
}

bool ForeignVerifier::is_type(std::string_view type) const
{
    return std::ranges::find(settings_.typ, bare_type(type)) != settings_.typ.end();
}

Result<Principal, TokenError> ForeignVerifier::access(const IssuerKeys& keys,
                                                      std::string_view token, Seconds now,
                                                      json::Value* told) const
{
    if (enforced("foreign.length") && token.size() > longest_token_bytes) {
        return TokenError::malformed;
    }
    const auto text = jose::split_compact(token);
    if (!text) return TokenError::malformed;
    const auto header = read_foreign_header(text->header);
    if (!header) return header.error();
    const bool fits = is_type(header->type.value_or(std::string(config::no_token_type)));
    if (enforced("foreign.typ") && !fits) return TokenError::wrong_type;
    const auto algorithm = jose::parse_foreign_algorithm(header->algorithm);
    if (!algorithm) return TokenError::unsupported;
    const auto key = keys.find(header->kid, *algorithm);
    if (!key) return key.error();
    const auto signature = jose::decode_base64url(text->signature);
    if (!signature) return TokenError::malformed;
    auto payload = read_payload(text->payload);
    if (!payload) return payload.error();
    if (const auto good = check_claims(*payload); !good) return good.error();
    auto principal = read(*payload, now);
    if (!principal) return principal.error();
    if (!(*key)->verify(text->signing_input, *signature)) return TokenError::bad_signature;
    // Only now: looking at many of them costs something, and a stranger should not choose it.
    principal->roles = roles_in(*payload);
    principal->scopes = scopes_in(*payload);
    if (told != nullptr) *told = *std::move(payload);
    return principal;
}

/// Whether it is from them, for us, and as the settings want it.
Result<void, TokenError> ForeignVerifier::check_claims(const json::Value& payload) const
{
    const auto* issuer = payload.find_string("iss");
    const bool is_theirs = issuer != nullptr && *issuer == settings_.issuer;
    if (enforced("foreign.iss") && !is_theirs) return TokenError::wrong_issuer;
    const bool for_us =
        settings_.any_audience || is_audience(payload.find("aud"), settings_.audience);
    if (enforced("foreign.aud") && !for_us) return TokenError::wrong_audience;
    for (const auto& rule : rules_) {
        const bool holds = share_one(rule.any_of, claim_values(payload, rule.path));
        if (enforced("foreign.claims") && !holds) return TokenError::wrong_claims;
    }
    return {};
}

Result<Principal, TokenError> ForeignVerifier::read(const json::Value& payload, Seconds now) const
{
    const auto expires_at = check_times_of(payload, now, settings_.leeway);
    if (!expires_at) return expires_at.error();
    const auto auth_time = read_time(payload, "auth_time");
    if (!auth_time) return TokenError::malformed;
    // A login that is yet to come would stay fresh for ever.
    const bool is_past = !*auth_time || **auth_time <= now + settings_.leeway;
    if (enforced("foreign.auth_time") && !is_past) return TokenError::not_yet_valid;
    const auto* subject = &payload;
    for (const auto& name : subject_) {
        if (subject != nullptr) subject = subject->find(name);
    }
    const auto* user = subject == nullptr ? nullptr : subject->string();
    if (user == nullptr || user->empty() || user->size() > longest_subject) {
        return TokenError::malformed;
    }
    Principal principal;
    principal.user_id = foreign_user_id(name_, *user);
    principal.expires_at = *expires_at;
    principal.auth_time = *auth_time;
    return principal;
}

std::vector<std::string> ForeignVerifier::roles_in(const json::Value& payload) const
{
    Texts roles;
    if (roles_from_.empty()) return roles;
    const auto theirs = claim_values(payload, roles_from_);
    for (const auto& [role, values] : settings_.roles) {
        if (share_one(values, theirs)) add_once(roles, role);
    }
    if (!settings_.roles.empty()) return roles;
    for (const auto& value : theirs) {
        // They may travel in a header, separated by commas; others are no roles here.
        if (!enforced("foreign.role_safe") || is_header_safe_id(value)) add_once(roles, value);
    }
    return roles;
}

std::vector<std::string> ForeignVerifier::scopes_in(const json::Value& payload) const
{
    Texts scopes;
    if (scopes_from_.empty()) return scopes;
    for (const auto& value : claim_values(payload, scopes_from_)) {
        for (std::string_view rest = value; !rest.empty();) {
            const auto end = std::min(rest.find(' '), rest.size());
            const auto scope = rest.substr(0, end);
            rest.remove_prefix(std::min(end + 1, rest.size()));
            const bool fits = !config::forms::scope.check(scope);
            if (!enforced("foreign.scope_safe") || fits) add_once(scopes, std::string(scope));
        }
    }
    return scopes;
}

} // namespace gatehouse::auth
