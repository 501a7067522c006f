// Passkeys: making one, signing in with one, one's own.
#include "auth/jose/base64url.hpp"
#include "auth/service/drawn.hpp"
#include "auth/service/passkeys.hpp"
#include "gateway/api/api_answers.hpp"
#include "gateway/api/api_request.hpp"
#include "gateway/api/auth_api.hpp"
#include "gateway/api/contract_answers.hpp"
#include "gateway/api/store_call.hpp"
#include "gateway/pipeline/permission.hpp"

#include <utility>

namespace gatehouse::gateway {
namespace {

using auth::AuthError;
using Passkeys = auth::AuthService::Passkeys;

Refusal no_such_answer()
{
    return told(RefusalCode::bad_request,
                "The body is not what a browser's toJSON() makes of a passkey");
}

Refusal passkey_refusal(const AuthError& error, const config::PasskeySettings& settings)
{
    if (error.kind == AuthError::Kind::login_too_old) return needs_login(settings.max_auth_age);
    return refusal_of(error);
}

/// The last segment, as bytes. Nobody has a passkey without an id.
std::string id_in(std::string_view path)
{
    return auth::jose::decode_base64url(path.substr(path.rfind('/') + 1)).value_or("");
}

LocalResponse registered(const config::ContractSettings& contract, const auth::Passkey& passkey,
                         const auth::Profile& bearer)
{
    const auto& call = contract.passkey_register;
    if (call.answer.members.empty()) {
        return passkey_answer(call.success.value_or(201), passkey);
    }
    return json_answer(call.success.value_or(201),
                       auth::draw(call.answer, {&bearer, nullptr, contract.numeric_roles}));
}

} // namespace

Task<LocalResponse> AuthApi::passkey_register_options(const LocalRequest& request)
{
    const auto principal = bearer_of(request);
    if (!principal) co_return refused(principal.error());
    const auto caller = caller_of(request);
    auto job = [&] { return Passkeys(rooms_.service).begin_registration(*principal, caller); };
    auto pending = on_store(request, job);
    const auto options = co_await std::move(pending);
    auto response = options ? json_answer(200, to_json(*options))
                            : refused(passkey_refusal(options.error(), settings_.passkeys));
    response.user_id = principal->user_id;
    co_return response;
}

Task<LocalResponse> AuthApi::passkey_register(const LocalRequest& request)
{
    const auto principal = bearer_of(request);
    if (!principal) co_return refused(principal.error());
    const auto body = read_body(request, EmptyBody::refused);
    if (!body) co_return refused(body.error());
    const auto name = string_member(*body, "name");
    if (!name) co_return refused(name.error());
    const auto made = auth::passkeys::read_made_credential(*body);
    if (!made) co_return refused(no_such_answer());

    const auto caller = caller_of(request);
    auto job = [&] {
        return Passkeys(rooms_.service).finish_registration(*principal, *made, *name, caller);
    };
    auto pending = on_store(request, job);
    const auto passkey = co_await std::move(pending);
    auth::Profile bearer;
    bearer.id = principal->user_id;
    bearer.roles = principal->roles;
    auto response = passkey ? registered(settings_.auth.contract, *passkey, bearer)
                            : refused(passkey_refusal(passkey.error(), settings_.passkeys));
    response.user_id = principal->user_id;
    co_return response;
}

Task<LocalResponse> AuthApi::passkey_login_options(const LocalRequest& request)
{
    const auto body = read_body(request, EmptyBody::allowed);
    if (!body) co_return refused(body.error());
    const auto& members = settings_.auth.contract.members;
    auto username = string_member(*body, members.username);
    if (!username) co_return refused(username.error());
    auto email = string_member(*body, members.email);
    if (!email) co_return refused(email.error());

    const Passkeys::Whom whom{*std::move(username), *std::move(email)};
    const auto caller = caller_of(request);
    auto job = [&] { return Passkeys(rooms_.service).begin_login(whom, caller); };
    auto pending = on_store(request, job);
    const auto options = co_await std::move(pending);
    if (!options) co_return refused(options.error());
    co_return json_answer(200, to_json(*options));
}

Task<LocalResponse> AuthApi::passkey_login(const LocalRequest& request)
{
    const auto body = read_body(request, EmptyBody::refused);
    if (!body) co_return refused(body.error());
    const auto delivery = read_delivery(*body);
    if (!delivery) co_return refused(delivery.error());
    const auto shown = auth::passkeys::read_shown_credential(*body);
    if (!shown) co_return refused(no_such_answer());

    const auto caller = caller_of(request);
    auto job = [&] { return Passkeys(rooms_.service).finish_login(*shown, *delivery, caller); };
    auto pending = on_store(request, job);
    const auto granted = co_await std::move(pending);
    if (!granted) co_return refused(granted.error());
    co_return welcome(200, settings_.auth.contract.passkey_login, *granted, request,
                      settings_.auth);
}

Task<LocalResponse> AuthApi::list_passkeys(const LocalRequest& request)
{
    const auto principal = bearer_of(request);
    if (!principal) co_return refused(principal.error());
    auto job = [&] { return Passkeys(rooms_.service).list(*principal); };
    auto pending = on_store(request, job);
    const auto own = co_await std::move(pending);
    auto response = own ? passkeys_answer(*own) : refused(own.error());
    response.user_id = principal->user_id;
    co_return response;
}

Task<LocalResponse> AuthApi::rename_passkey(const LocalRequest& request)
{
    const auto principal = bearer_of(request);
    if (!principal) co_return refused(principal.error());
    const auto body = read_body(request, EmptyBody::refused);
    if (!body) co_return refused(body.error());
    auto given = string_member(*body, "name");
    if (!given) co_return refused(given.error());
    const auto name = (*std::move(given)).value_or("");
    const auto id = id_in(request.path);
    const auto caller = caller_of(request);
    auto job = [&] { return Passkeys(rooms_.service).rename(*principal, id, name, caller); };
    auto pending = on_store(request, job);
    const auto passkey = co_await std::move(pending);
    auto response = passkey ? passkey_answer(200, *passkey) : refused(passkey.error());
    response.user_id = principal->user_id;
    co_return response;
}

Task<LocalResponse> AuthApi::delete_passkey(const LocalRequest& request)
{
    const auto principal = bearer_of(request);
    if (!principal) co_return refused(principal.error());
    const auto id = id_in(request.path);
    const auto caller = caller_of(request);
    auto job = [&] { return Passkeys(rooms_.service).remove(*principal, id, caller); };
    auto pending = on_store(request, job);
    const auto removed = co_await std::move(pending);
    auto response = removed ? done() : refused(removed.error());
    response.user_id = principal->user_id;
    co_return response;
}

} // namespace gatehouse::gateway
