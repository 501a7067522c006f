// Own API keys, and calls of services about tokens: revoke (RFC 7009), introspect (RFC 7662).
#include "auth/json/writer.hpp"
#include "auth/service/new_api_key.hpp"
#include "config/basics/enforced.hpp"
#include "gateway/api/api_answers.hpp"
#include "gateway/api/api_request.hpp"
#include "gateway/api/auth_api.hpp"
#include "gateway/api/client_credential.hpp"
#include "gateway/api/form_body.hpp"
#include "gateway/api/store_call.hpp"
#include "gateway/headers/only_value.hpp"
#include "gateway/pipeline/credential.hpp"
#include "gateway/pipeline/identification.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace gatehouse::gateway {
namespace {

using auth::Principal;
using auth::json::Writer;

/// A form with a token in it. Errors: unsupported_media_type, bad_request.
Result<Form, Refusal> read_token_form(const LocalRequest& request)
{
    if (enforced("api.form_type") && !is_form_type(only_value(request.fields, "Content-Type"))) {
        return told(RefusalCode::unsupported_media_type,
                    "The body must be application/x-www-form-urlencoded");
    }
    auto form = read_form(request.body);
    if (!form) return Refusal(RefusalCode::bad_request, std::string(to_string(form.error())));
    const auto* const token = form->find("token");
    if (token == nullptr || token->empty()) {
        return told(RefusalCode::bad_request, "token is missing");
    }
    return std::move(*form);
}

LocalResponse inactive()
{
    return json_answer(200, R"({"active":false})");
}

void time(Writer& json, std::string_view name, auth::Seconds at)
{
    json.member(name, static_cast<std::int64_t>(at.time_since_epoch().count()));
}

/// What all active tokens say of their user.
void begin_active(Writer& json, std::string_view type, std::string_view user_id,
                  std::string_view issuer)
{
    json.begin_object();
    json.name("active");
    json.boolean(true);
    json.member("token_type", type);
    json.member("sub", user_id);
    json.member("iss", issuer);
}

void rights(Writer& json, const Principal& principal)
{
    if (!principal.scopes.empty()) {
        json.member("scope", fmt::format("{}", fmt::join(principal.scopes, " ")));
    }
    json.name("roles");
    json.begin_array();
    for (const auto& role : principal.roles) json.string(role);
    json.end_array();
}

LocalResponse active_access(const Principal& principal, auth::Seconds issued_at,
                            std::string_view issuer)
{
    std::string body;
    Writer json(body);
    begin_active(json, "Bearer", principal.user_id, issuer);
    json.member("sid", principal.session_id);
    rights(json, principal);
    time(json, "iat", issued_at);
    time(json, "exp", principal.expires_at);
    json.end_object();
    return json_answer(200, std::move(body));
}

LocalResponse active_api_key(const Principal& principal, std::string_view issuer)
{
    std::string body;
    Writer json(body);
    begin_active(json, "Bearer", principal.user_id, issuer);
    json.member("client_id", principal.api_key);
    rights(json, principal);
    if (principal.expires_at != auth::no_api_key_expiry) time(json, "exp", principal.expires_at);
    json.end_object();
    return json_answer(200, std::move(body));
}

LocalResponse active_refresh(const auth::RefreshClaims& claims, std::string_view issuer)
{
    std::string body;
    Writer json(body);
    begin_active(json, "refresh_token", claims.user_id, issuer);
    json.member("sid", claims.session_id);
    time(json, "iat", claims.issued_at);
    time(json, "exp", claims.expires_at);
    json.end_object();
    return json_answer(200, std::move(body));
}

LocalResponse revoked()
{
    auto response = done();
    response.status = 200;
    return response;
}

bool has_scope(const Principal& principal, std::string_view scope)
{
    return std::ranges::find(principal.scopes, scope) != principal.scopes.end();
}

} // namespace

/// Nothing: no credential was shown. What to answer to a bad one is the error.
Result<std::optional<Principal>, LocalResponse> AuthApi::client_of(const LocalRequest& request,
                                                                   const Form& form) const
{
    const auto refuse = [&](const Refusal& why) {
        auto response = refused(why);
        if (status_of(why) == 401 && tries_basic(request.fields)) {
            response.fields.emplace_back("WWW-Authenticate", R"(Basic realm="gatehouse")");
        }
        return response;
    };
    const auto shown = client_credential(request.fields, form);
    if (!shown) return refuse(shown.error());
    const auto& credential = *shown;
    if (!credential) return std::optional<Principal>();
    const auto principal =
        identify_credential(*request.deciding, credential->secret.reveal(), rooms_.clock.seconds());
    if (!principal) return refuse(principal.error());
    const auto& id = credential->client_id;
    const bool names_another = id && (id->empty() || (*principal)->api_key != *id);
    if (enforced("client.own_id") && names_another) {
        return refuse(Refusal(RefusalCode::token_invalid, "another client_id"));
    }
    return std::optional(**principal);
}

Task<LocalResponse> AuthApi::introspect(const LocalRequest& request)
{
    const auto form = read_token_form(request);
    if (!form) co_return refused(form.error());
    const auto client = client_of(request, *form);
    if (!client) co_return client.error();
    if (enforced("introspect.credential") && !*client) {
        co_return refused(Refusal(RefusalCode::token_missing));
    }
    const bool may_ask =
        *client && !(*client)->api_key.empty() && has_scope(**client, auth::introspect_scope);
    if (enforced("introspect.scope") && !may_ask) {
        co_return refused(Refusal(RefusalCode::forbidden, "no API key with the scope introspect"));
    }

    const auto& token = *form->find("token");
    const auto& issuer = settings_.tokens.issuer;
    const auto known = identify_credential(*request.deciding, token, rooms_.clock.seconds());
    if (known && !(*known)->api_key.empty()) co_return active_api_key(**known, issuer);
    if (known) {
        const auto claims = rooms_.service.check_access_token(token);
        if (!claims) co_return inactive();
        co_return active_access(**known, claims->issued_at, issuer);
    }
    const auto claims = rooms_.service.check_refresh_token(token);
    if (!claims) co_return inactive();
    auto job = [&] { return rooms_.service.would_refresh(*claims); };
    auto pending = on_store(request, job);
    const auto would_refresh = co_await std::move(pending);
    if (!would_refresh) co_return refused(would_refresh.error());
    co_return *would_refresh ? active_refresh(*claims, issuer) : inactive();
}

Task<LocalResponse> AuthApi::list_api_keys(const LocalRequest& request)
{
    const auto principal = bearer_of(request);
    if (!principal) co_return refused(principal.error());
    auto job = [&] { return rooms_.service.list_api_keys(*principal); };
    auto pending = on_store(request, job);
    const auto keys = co_await std::move(pending);
    auto response = keys ? api_keys_answer(*keys) : refused(keys.error());
    response.user_id = principal->user_id;
    co_return response;
}

Task<LocalResponse> AuthApi::revoke_api_key(const LocalRequest& request)
{
    const auto principal = bearer_of(request);
    if (!principal) co_return refused(principal.error());
    const auto id = std::string(request.path.substr(request.path.rfind('/') + 1));
    const auto caller = caller_of(request);
    auto job = [&] { return rooms_.service.revoke_api_key(*principal, id, caller); };
    auto pending = on_store(request, job);
    const auto stored = co_await std::move(pending);
    auto confirming = confirmed(stored);
    const auto ended = co_await std::move(confirming);
    auto response = ended ? done() : refused(ended.error());
    response.user_id = principal->user_id;
    co_return response;
}

Task<LocalResponse> AuthApi::revoke_token(const LocalRequest& request)
{
    const auto form = read_token_form(request);
    if (!form) co_return refused(form.error());
    // Who has the token may end it, with or without a name of its own; a wrong name is a mistake.
    const auto client = client_of(request, *form);
    if (!client) co_return client.error();

    const auto& token = *form->find("token");
    const auto caller = caller_of(request);
    if (const auto claims = rooms_.service.check_logout_token(token)) {
        auto job = [&] { return rooms_.service.logout(*claims, caller); };
        auto pending = on_store(request, job);
        const auto stored = co_await std::move(pending);
        auto answering = ended_by_revocation(request, stored, claims->user_id, claims->session_id);
        co_return co_await std::move(answering);
    }
    const auto known = identify_credential(*request.deciding, token, rooms_.clock.seconds());
    if (!known) {
        const bool in_doubt = known.error().code == RefusalCode::store_unavailable;
        co_return in_doubt ? refused(known.error()) : revoked();
    }
    const auto principal = **known; // a copy: the authenticator's own does not outlive a suspension
    auto job = [&] {
        return principal.api_key.empty() ? rooms_.service.logout(principal, caller)
                                         : rooms_.service.revoke_own_api_key(principal, caller);
    };
    auto pending = on_store(request, job);
    const auto stored = co_await std::move(pending);
    auto answering = ended_by_revocation(request, stored, principal.user_id, principal.session_id);
    co_return co_await std::move(answering);
}

/// Whether the browser that asks holds the cookie of this session. That of another one stays: a
/// found token says nothing of who found it.
bool AuthApi::holds_cookie_of(std::string_view session_id, const LocalRequest& request) const
{
    const auto cookie = token_in_cookie(request.fields, settings_.auth.cookie_name);
    if (!cookie) return false;
    const auto claims = rooms_.service.check_logout_token(*cookie);
    return claims && claims->session_id == session_id;
}

Task<LocalResponse> AuthApi::ended_by_revocation(const LocalRequest& request,
                                                 Result<void, auth::AuthError> stored,
                                                 std::string user_id, std::string session_id)
{
    auto confirming = confirmed(std::move(stored));
    const auto ended = co_await std::move(confirming);
    auto response = ended ? revoked() : refused(ended.error());
    if (ended && holds_cookie_of(session_id, request)) clear_cookie(response, settings_.auth);
    response.user_id = std::move(user_id);
    co_return response;
}

} // namespace gatehouse::gateway
