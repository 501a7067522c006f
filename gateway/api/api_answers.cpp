#include "gateway/api/api_answers.hpp"

#include "auth/jose/base64url.hpp"
#include "auth/json/writer.hpp"
#include "auth/service/drawn.hpp"
#include "gateway/api/api_request.hpp"
#include "gateway/api/second_factor_answers.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <utility>

namespace gatehouse::gateway {
namespace {

using auth::AuthError;
using auth::json::Writer;

RefusalCode code_of(AuthError::Kind kind) noexcept
{
    switch (kind) {
    case AuthError::Kind::token_revoked:
        return RefusalCode::token_revoked;
    case AuthError::Kind::invalid_credentials:
        return RefusalCode::invalid_credentials;
    case AuthError::Kind::account_blocked:
        return RefusalCode::account_blocked;
    case AuthError::Kind::login_too_old:
        return RefusalCode::insufficient_user_authentication;
    case AuthError::Kind::passkey_invalid:
        return RefusalCode::passkey_invalid;
    case AuthError::Kind::too_many_passkeys:
        return RefusalCode::too_many_passkeys;
    case AuthError::Kind::last_way_in:
        return RefusalCode::last_way_in;
    case AuthError::Kind::email_unverified:
        return RefusalCode::email_unverified;
    case AuthError::Kind::link_invalid:
        return RefusalCode::link_invalid;
    case AuthError::Kind::not_configured:
        return RefusalCode::not_configured;
    case AuthError::Kind::registration_closed:
        return RefusalCode::registration_closed;
    case AuthError::Kind::too_many_sessions:
        return RefusalCode::too_many_sessions;
    case AuthError::Kind::refresh_token_invalid:
        return RefusalCode::refresh_token_invalid;
    case AuthError::Kind::refresh_token_expired:
        return RefusalCode::refresh_token_expired;
    case AuthError::Kind::refresh_token_revoked:
        return RefusalCode::refresh_token_revoked;
    case AuthError::Kind::refresh_token_reused:
        return RefusalCode::refresh_token_reused;
    case AuthError::Kind::second_factor_required:
        return RefusalCode::second_factor_required;
    case AuthError::Kind::invalid_code:
        return RefusalCode::invalid_code;
    case AuthError::Kind::login_token_invalid:
        return RefusalCode::login_token_invalid;
    case AuthError::Kind::not_found:
        return RefusalCode::not_found;
    case AuthError::Kind::name_taken:
        return RefusalCode::name_taken;
    case AuthError::Kind::second_factor_active:
        return RefusalCode::second_factor_active;
    case AuthError::Kind::invalid_fields:
        return RefusalCode::invalid_fields;
    case AuthError::Kind::too_many_attempts:
        return RefusalCode::too_many_attempts;
    case AuthError::Kind::store_unavailable:
        return RefusalCode::store_unavailable;
    case AuthError::Kind::overloaded:
        break;
    }
    return RefusalCode::overloaded;
}

/// RFC 3339, in UTC.
std::string text_of(auth::Seconds time)
{
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", fmt::gmtime(time.time_since_epoch().count()));
}

void write_optional(Writer& json, std::string_view name, const std::optional<std::string>& value)
{
    json.name(name);
    value ? json.string(*value) : json.null();
}

void write_names(Writer& json, const auth::Profile& user)
{
    json.member("id", user.id);
    write_optional(json, "username", user.username);
    write_optional(json, "email", user.email);
}

std::string pair_body(const auth::Grant& grant)
{
    std::string body;
    Writer json(body);
    json.begin_object();
    json.member("accessToken", grant.access_token.reveal());
    if (grant.delivery != auth::SessionDelivery::cookie) {
        json.member("refreshToken", grant.refresh_token.reveal());
    }
    json.member("tokenType", "Bearer");
    json.member("expiresIn", grant.access_life.count());
    json.name("user");
    json.begin_object();
    write_names(json, grant.user);
    json.end_object();
    json.end_object();
    return body;
}

void write_profile(Writer& json, const auth::Profile& profile)
{
    json.begin_object();
    write_names(json, profile);
    json.name("roles");
    json.begin_array();
    for (const auto& role : profile.roles) json.string(role);
    json.end_array();
    json.member("created", text_of(profile.created));
    json.name("emailVerified");
    profile.email_verified ? json.boolean(*profile.email_verified) : json.null();
    json.end_object();
}

std::string profile_body(const auth::Profile& profile)
{
    std::string body;
    Writer json(body);
    write_profile(json, profile);
    return body;
}

void write_sessions(Writer& json, std::span<const auth::SessionSummary> sessions)
{
    json.begin_array();
    for (const auto& session : sessions) {
        json.begin_object();
        json.member("id", session.id);
        json.member("created", text_of(session.created));
        json.member("lastUsed", text_of(session.last_used));
        json.member("address", session.address);
        json.member("userAgent", session.user_agent);
        json.name("current");
        json.boolean(session.current);
        json.end_object();
    }
    json.end_array();
}

void write_record(Writer& json, const auth::AuditRecord& record)
{
    json.begin_object();
    json.member("at", text_of(std::chrono::floor<std::chrono::seconds>(record.at)));
    json.member("event", record.event);
    json.member("outcome", record.outcome);
    json.member("session", record.session_id);
    json.member("address", record.address);
    json.member("requestId", record.request_id);
    json.member("detail", record.detail);
    json.end_object();
}

void write_time(Writer& json, std::string_view name, const std::optional<auth::Seconds>& time)
{
    json.name(name);
    time ? json.string(text_of(*time)) : json.null();
}

void write_api_keys(Writer& json, std::span<const auth::ApiKey> keys)
{
    json.begin_array();
    for (const auto& key : keys) {
        json.begin_object();
        json.member("id", key.id);
        json.member("name", key.name);
        json.name("scopes");
        json.begin_array();
        for (const auto& scope : key.scopes) json.string(scope);
        json.end_array();
        json.member("created", text_of(key.created));
        write_time(json, "expires", key.expires_at);
        write_time(json, "lastUsed", key.used_at);
        json.end_object();
    }
    json.end_array();
}

void write_passkey(Writer& json, const auth::Passkey& passkey)
{
    json.begin_object();
    json.member("id", auth::jose::encode_base64url(passkey.id));
    json.member("name", passkey.name);
    json.member("created", text_of(passkey.created));
    write_time(json, "lastUsed", passkey.used_at);
    json.name("transports");
    json.begin_array();
    for (const auto& transport : passkey.transports) json.string(transport);
    json.end_array();
    json.name("backedUp");
    json.boolean(passkey.backed_up);
    json.end_object();
}

void write_passkeys(Writer& json, std::span<const auth::Passkey> passkeys)
{
    json.begin_array();
    for (const auto& passkey : passkeys) write_passkey(json, passkey);
    json.end_array();
}

} // namespace

/// Answers of the auth API are about one person at one moment: nobody keeps them.  R58
LocalResponse json_answer(unsigned status, std::string body)
{
    LocalResponse response;
    response.status = status;
    response.fields = {
        {"Content-Type",  "application/json"},
        {"Cache-Control", "no-store"        }
    };
    response.body = std::move(body);
    return response;
}

Refusal refusal_of(const AuthError& error)
{
    Refusal refusal(code_of(error.kind));
    refusal.retry_after = static_cast<std::uint32_t>(error.retry_after.count());
    for (const auto& field : error.fields) refusal.fields.push_back({field.name, field.message});
    if (error.next) refusal.members = members_of(*error.next);
    return refusal;
}

LocalResponse refused(Refusal refusal)
{
    LocalResponse response;
    response.refusal = std::move(refusal);
    return response;
}

LocalResponse refused(const AuthError& error)
{
    return refused(refusal_of(error));
}

LocalResponse done()
{
    LocalResponse response;
    response.status = 204;
    response.fields = {
        {"Cache-Control", "no-store"}
    };
    return response;
}

LocalResponse pair_answer(unsigned usual_status, const config::CallContract& call,
                          const auth::Grant& grant, const config::AuthApiSettings& settings)
{
    auto response = json_answer(
        call.success.value_or(usual_status),
        call.answer.members.empty()
            ? pair_body(grant)
            : auth::draw(call.answer, {&grant.user, &grant, settings.contract.numeric_roles}));
    if (response.status == 204) response.body.clear();
    response.user_id = grant.user.id;
    if (grant.delivery != auth::SessionDelivery::body)
        set_cookies(response.fields, grant, settings);
    return response;
}

void leave_device_cookie(LocalResponse& response, const auth::Grant& grant,
                         const config::AuthApiSettings& settings)
{
    if (grant.device_cookie.empty()) return;
    write_device_cookie(response.fields, grant.device_cookie.reveal(), grant.device_life, settings);
}

LocalResponse welcome(unsigned usual_status, const config::CallContract& call,
                      const auth::Grant& grant, const LocalRequest& request,
                      const config::AuthApiSettings& settings)
{
    auto response = pair_answer(usual_status, call, grant, settings);
    if (grant.delivery != auth::SessionDelivery::body || is_from_browser(request)) {
        leave_device_cookie(response, grant, settings);
    }
    return response;
}

LocalResponse profile_answer(const auth::Profile& profile, const config::ContractSettings& contract)
{
    const auto& call = contract.me;
    auto response =
        json_answer(call.success.value_or(200),
                    call.answer.members.empty()
                        ? profile_body(profile)
                        : auth::draw(call.answer, {&profile, nullptr, contract.numeric_roles}));
    if (response.status == 204) response.body.clear();
    response.user_id = profile.id;
    return response;
}

LocalResponse sessions_answer(std::span<const auth::SessionSummary> sessions)
{
    std::string body;
    Writer json(body);
    write_sessions(json, sessions);
    return json_answer(200, std::move(body));
}

void set_cookies(CookieFields& fields, const auth::Grant& grant,
                 const config::AuthApiSettings& settings)
{
    write_cookies(fields,
                  {.refresh = grant.refresh_token.reveal(),
                   .access = grant.access_token.reveal(),
                   .csrf = grant.csrf_token,
                   .refresh_life = grant.refresh_life,
                   .access_life = grant.access_life},
                  settings);
}

LocalResponse api_keys_answer(std::span<const auth::ApiKey> keys)
{
    std::string body;
    Writer json(body);
    write_api_keys(json, keys);
    return json_answer(200, std::move(body));
}

LocalResponse passkeys_answer(std::span<const auth::Passkey> passkeys)
{
    std::string body;
    Writer json(body);
    write_passkeys(json, passkeys);
    return json_answer(200, std::move(body));
}

LocalResponse passkey_answer(unsigned status, const auth::Passkey& passkey)
{
    std::string body;
    Writer json(body);
    write_passkey(json, passkey);
    return json_answer(status, std::move(body));
}

LocalResponse copy_answer(const auth::AccountCopy& copy)
{
    std::string body;
    Writer json(body);
    json.begin_object();
    json.name("account");
    write_profile(json, copy.profile);
    json.name("sessions");
    write_sessions(json, copy.sessions);
    json.name("apiKeys");
    write_api_keys(json, copy.api_keys);
    json.name("passkeys");
    write_passkeys(json, copy.passkeys);
    json.name("secondFactor");
    write_second_factor(json, copy.second_factor);
    json.name("events");
    json.begin_array();
    for (const auto& record : copy.records) write_record(json, record);
    json.end_array();
    json.name("eventsComplete");
    json.boolean(copy.has_all_records);
    json.end_object();
    auto response = json_answer(200, std::move(body));
    response.fields.emplace_back("Content-Disposition", "attachment; filename=\"account.json\"");
    return response;
}

Refusal own_account_refusal(const AuthError& error)
{
    auto refusal = refusal_of(error);
    if (refusal.code == RefusalCode::invalid_credentials) refusal.status = 403;
    return refusal;
}

void clear_cookie(LocalResponse& response, const config::AuthApiSettings& settings)
{
    clear_cookies(response.fields, settings);
}

} // namespace gatehouse::gateway
