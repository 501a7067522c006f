#include "gateway/api/auth_api.hpp"

#include "auth/json/writer.hpp"
#include "config/basics/enforced.hpp"
#include "config/forms/call_place.hpp"
#include "gateway/api/api_answers.hpp"
#include "gateway/api/api_request.hpp"
#include "gateway/api/openapi.hpp"
#include "gateway/pipeline/identification.hpp"
#include "gateway/routing/auth_prefix.hpp"

#include <utility>

namespace gatehouse::gateway {
namespace {

constexpr std::string_view jwks_path = "/.well-known/jwks.json";

/// `/auth/me` with the prefix `/auth` is `/me`.
std::string_view below(std::string_view path, std::string_view prefix)
{
    return path.substr(std::min(prefix.size(), path.size()));
}

/// `/sessions/x` is one below `/sessions/`.
bool is_one_below(std::string_view path, std::string_view folder)
{
    return path.starts_with(folder) && path.size() > folder.size() &&
           path.find('/', folder.size()) == path.npos;
}

LocalResponse wrong_method(std::string_view allowed)
{
    Refusal refusal(RefusalCode::method_not_allowed);
    refusal.allow = allowed;
    return refused(std::move(refusal));
}

bool is_among(std::string_view method, std::string_view allowed)
{
    while (!allowed.empty()) {
        const auto end = std::min(allowed.find(','), allowed.size());
        if (allowed.substr(0, end) == method) return true;
        allowed.remove_prefix(std::min(end + 2, allowed.size())); // ", "
    }
    return false;
}

} // namespace

/// A line of the contract: where, how, and what answers.
struct AuthApi::Call {
    std::string_view path;    // below the prefix
    std::string_view methods; // as in Allow; empty: any
    Task<LocalResponse> (AuthApi::*answer)(const LocalRequest&);
    AuthCall counted_as;
    /// Where another contract has it; null: that cannot be said.
    const std::vector<std::string>& (*elsewhere)(const config::ContractSettings&) = nullptr;
};

/// What is done with one thing by its id, which is the last segment.
struct AuthApi::ItemCall {
    std::string_view folder; // below the prefix
    std::string_view method;
    Task<LocalResponse> (AuthApi::*answer)(const LocalRequest&);
    AuthCall counted_as;
};

namespace {

template <auto Call>
const std::vector<std::string>& at(const config::ContractSettings& contract)
{
    return (contract.*Call).at;
}

using Contract = config::ContractSettings;

} // namespace

const AuthApi::Call AuthApi::calls[] = {
    {"/register", "POST", &AuthApi::register_user, AuthCall::registration,
     &at<&Contract::registration>},
    {"/login", "POST", &AuthApi::login, AuthCall::login, &at<&Contract::login>},
    {"/refresh-token", "POST", &AuthApi::refresh, AuthCall::refresh, &at<&Contract::refresh>},
    {"/logout", "POST, DELETE", &AuthApi::logout, AuthCall::logout, &at<&Contract::logout>},
    {"/logout-all", "POST", &AuthApi::logout_all, AuthCall::logout_all},
    {"/logout-others", "POST", &AuthApi::logout_others, AuthCall::logout_others},
    {"/me", "GET, HEAD", &AuthApi::me, AuthCall::me, &at<&Contract::me>},
    {"/me", "PATCH", &AuthApi::change_names, AuthCall::change_names},
    {"/me", "DELETE", &AuthApi::delete_account, AuthCall::delete_account},
    {"/me/export", "GET, HEAD", &AuthApi::copy_account, AuthCall::export_account},
    {"/sessions", "GET, HEAD", &AuthApi::list_sessions, AuthCall::list_sessions},
    {"/password/change", "POST", &AuthApi::change_password, AuthCall::change_password},
    {"/api-keys", "GET, HEAD", &AuthApi::list_api_keys, AuthCall::list_api_keys},
    {"/revoke", "POST", &AuthApi::revoke_token, AuthCall::revoke_token},
    {"/introspect", "POST", &AuthApi::introspect, AuthCall::introspect},
    {"/second-factor", "GET, HEAD", &AuthApi::second_factor, AuthCall::second_factor},
    {"/totp/register", "POST", &AuthApi::begin_totp, AuthCall::totp_register},
    {"/totp/register/verify", "POST", &AuthApi::confirm_totp, AuthCall::totp_confirm},
    {"/totp", "DELETE", &AuthApi::remove_totp, AuthCall::totp_remove},
    {"/recovery-codes", "POST", &AuthApi::renew_recovery_codes, AuthCall::recovery_codes},
    {"/login/second-factor", "POST", &AuthApi::login_with_code, AuthCall::login_code},
    {"/step-up", "POST", &AuthApi::step_up, AuthCall::step_up},
    {"/verify", "", &AuthApi::verify, AuthCall::verify},
    {"/passkeys/register/options", "POST", &AuthApi::passkey_register_options,
     AuthCall::passkey_register_options, &at<&Contract::passkey_register_options>},
    {"/passkeys/register/verify", "POST", &AuthApi::passkey_register, AuthCall::passkey_register,
     &at<&Contract::passkey_register>},
    {"/passkeys/login/options", "POST", &AuthApi::passkey_login_options,
     AuthCall::passkey_login_options, &at<&Contract::passkey_login_options>},
    {"/passkeys/login/verify", "POST", &AuthApi::passkey_login, AuthCall::passkey_login,
     &at<&Contract::passkey_login>},
    {"/passkeys", "GET, HEAD", &AuthApi::list_passkeys, AuthCall::list_passkeys},
    {"/password/forgot", "POST", &AuthApi::forgot_password, AuthCall::forgot_password},
    {"/password/reset", "POST", &AuthApi::reset_password, AuthCall::reset_password},
    {"/email/verify", "POST", &AuthApi::verify_email, AuthCall::verify_email},
    {"/email/send-verification", "POST", &AuthApi::send_verification, AuthCall::send_verification},
    {"/openapi.json", "GET, HEAD", &AuthApi::document, AuthCall::document},
};

const AuthApi::ItemCall AuthApi::item_calls[] = {
    {"/sessions/", "DELETE", &AuthApi::revoke_session, AuthCall::revoke_session},
    {"/api-keys/", "DELETE", &AuthApi::revoke_api_key, AuthCall::revoke_api_key},
    {"/passkeys/", "PATCH",  &AuthApi::rename_passkey, AuthCall::rename_passkey},
    {"/passkeys/", "DELETE", &AuthApi::delete_passkey, AuthCall::delete_passkey},
};

AuthApi::AuthApi(Rooms rooms, const config::Settings& settings, std::shared_ptr<Queues> queues)
    : rooms_(rooms),
      settings_(settings),
      places_(places_of(settings.auth)),
      policy_(settings),
      portal_(settings),
      queues_(std::move(queues))
{
}

std::vector<AuthApi::Place> AuthApi::places_of(const config::AuthApiSettings& settings)
{
    std::vector<Place> moved;
    std::vector<Place> usual;
    for (const auto& call : calls) {
        const auto* elsewhere =
            call.elsewhere == nullptr ? nullptr : &call.elsewhere(settings.contract);
        if (elsewhere == nullptr || elsewhere->empty()) {
            usual.push_back({settings.prefix + std::string(call.path), std::string(call.methods),
                             call.answer, call.counted_as});
            continue;
        }
        for (const auto& text : *elsewhere) {
            if (const auto place = config::parse_call_place(text)) {
                moved.push_back({std::string(place->path), std::string(place->method), call.answer,
                                 call.counted_as});
            }
        }
    }
    moved.insert(moved.end(), usual.begin(), usual.end()); // what was said comes first
    return moved;
}

Task<LocalResponse> AuthApi::answer(const LocalRequest& request)
{
    if (request.path == jwks_path) {
        if (!is_among(request.method, "GET, HEAD")) co_return wrong_method("GET, HEAD");
        note(AuthCall::jwks, {});
        co_return jwks(request);
    }
    if (portal_.owns(request.path)) co_return portal_.answer(request);
    if (request.peer_is_trusted && is_verdict_path(request.path, settings_.auth.prefix)) {
        auto answering = counted(AuthCall::verify, verify(request));
        co_return co_await std::move(answering);
    }
    std::string allowed;
    for (const auto& place : places_) {
        if (place.path != request.path) continue;
        if (place.methods.empty() || is_among(request.method, place.methods)) {
            auto answering = counted(place.counted_as, (this->*place.answer)(request));
            co_return co_await std::move(answering);
        }
        allowed.append(allowed.empty() ? "" : ", ").append(place.methods);
    }
    if (!allowed.empty()) co_return wrong_method(allowed);
    const auto path = below(request.path, settings_.auth.prefix);
    for (const auto& call : item_calls) {
        if (!is_one_below(path, call.folder)) continue;
        if (request.method == call.method) {
            auto answering = counted(call.counted_as, (this->*call.answer)(request));
            co_return co_await std::move(answering);
        }
        allowed.append(allowed.empty() ? "" : ", ").append(call.method);
    }
    if (!allowed.empty()) co_return wrong_method(allowed);
    co_return refused(Refusal(RefusalCode::not_found));
}

Task<LocalResponse> AuthApi::counted(AuthCall call, Task<LocalResponse> answering)
{
    auto response = co_await std::move(answering);
    note(call, response.refusal);
    co_return response;
}

void AuthApi::note(AuthCall call, const std::optional<Refusal>& refusal) const noexcept
{
    if (rooms_.outcomes != nullptr) rooms_.outcomes->count(call, refusal);
}

Result<auth::Principal, Refusal> AuthApi::bearer_of(const LocalRequest& request) const
{
    auto principal = anyone_of(request);
    if (enforced("api.no_api_key") && principal && !principal->api_key.empty()) {
        return Refusal(RefusalCode::forbidden, "an API key");
    }
    return principal;
}

Result<auth::Principal, Refusal> AuthApi::anyone_of(const LocalRequest& request) const
{
    const auto principal =
        identify_bearer(*request.deciding, asking_of(request), rooms_.clock.seconds());
    if (!principal) return principal.error();
    return **principal; // a copy: the authenticator's own does not outlive a suspension
}

bool AuthApi::is_foreign_page(const LocalRequest& request) const
{
    return enforced("api.cookie_origin") && !is_from_own_page(asking_of(request), settings_.auth);
}

std::vector<std::string> AuthApi::calls_by_name()
{
    std::vector<std::string> names{"GET /.well-known/jwks.json"};
    const auto add = [&names](std::string_view methods, std::string_view path) {
        // Any method but those that no request gets through with: TRACE and CONNECT.
        if (methods.empty()) methods = "GET, PUT, POST, DELETE, OPTIONS, HEAD, PATCH";
        while (!methods.empty()) {
            const auto end = std::min(methods.find(','), methods.size());
            names.push_back(std::string(methods.substr(0, end)).append(" ").append(path));
            methods.remove_prefix(std::min(end + 2, methods.size())); // ", "
        }
    };
    for (const auto& call : calls) add(call.methods, call.path);
    for (const auto& each : item_calls) add(each.method, std::string(each.folder) + "{id}");
    return names;
}

/// With the names that are configured here, instead of the usual ones.
Task<LocalResponse> AuthApi::document(const LocalRequest&)
{
    std::string body(auth_openapi);
    const auto name = [&body](std::string_view member, std::string_view usual,
                              std::string_view configured) {
        const auto start = std::string(member).append(": ");
        const auto place = body.find(start + auth::json::quote(usual));
        if (place == std::string::npos) return;
        body.replace(place + start.size(), auth::json::quote(usual).size(),
                     auth::json::quote(configured));
    };
    name(R"("url")", "/auth", settings_.auth.prefix);
    name(R"("in": "cookie", "name")", "refresh_token", settings_.auth.cookie_name);
    co_return json_answer(200, std::move(body));
}

Task<LocalResponse> AuthApi::verify(const LocalRequest& request)
{
    const auto path = settings_.auth.prefix + "/verify";
    co_return answer_verify(request, {settings_, policy_, path}, rooms_.clock.seconds());
}

LocalResponse AuthApi::jwks(const LocalRequest&) const
{
    LocalResponse response;
    response.fields = {
        {"Content-Type",  "application/jwk-set+json"                                        },
        {"Cache-Control", "max-age=" + std::to_string(settings_.tokens.jwks_max_age.count())}
    };
    response.body = rooms_.keys.ring()->jwks(rooms_.clock.seconds());
    return response;
}

} // namespace gatehouse::gateway
