// How one gets in: register and login.
#include "gateway/api/api_answers.hpp"
#include "gateway/api/api_request.hpp"
#include "gateway/api/auth_api.hpp"
#include "gateway/api/contract_answers.hpp"
#include "gateway/api/store_call.hpp"
#include "gateway/net/offload.hpp"

#include <utility>

namespace gatehouse::gateway {

using auth::AuthError;

Task<LocalResponse> AuthApi::register_user(const LocalRequest& request)
{
    const auto body = read_body_or_form(request, settings_.auth, EmptyBody::refused);
    if (!body) co_return refused(body.error());
    auto credentials = read_credentials(*body, settings_.auth.contract.members);
    if (!credentials) co_return refused(credentials.error());
    auto given_invite = string_member(*body, "invite");
    if (!given_invite) co_return refused(given_invite.error());

    auth::Registration registration;
    registration.credentials = std::move(*credentials);
    if (auto& invite = *given_invite) registration.invite = Secret(*std::move(invite));

    auto place = rooms_.service.enter_hash_queue();
    if (!place) co_return refused(AuthError(AuthError::Kind::overloaded));
    const auto caller = caller_of(request);
    auto job = [&] {
        return rooms_.service.register_user(registration, caller, std::move(*place));
    };
    auto pending = offload(rooms_.hash_pool, noted(request, job));
    const auto granted = co_await std::move(pending);
    const auto& contract = settings_.auth.contract;
    if (!granted) co_return refused(register_refusal(granted.error(), contract));
    co_return welcome(201, contract.registration, *granted, request, settings_.auth);
}

Task<LocalResponse> AuthApi::login(const LocalRequest& request)
{
    const auto body = read_body_or_form(request, settings_.auth, EmptyBody::refused);
    if (!body) co_return refused(body.error());
    const auto credentials = read_credentials(*body, settings_.auth.contract.members);
    if (!credentials) co_return refused(credentials.error());

    auto place = rooms_.service.enter_hash_queue();
    if (!place) co_return refused(AuthError(AuthError::Kind::overloaded));
    const auto caller = caller_of(request);
    auto job = [&] { return rooms_.service.login(*credentials, caller, std::move(*place)); };
    auto pending = offload(rooms_.hash_pool, noted(request, job));
    const auto granted = co_await std::move(pending);
    const auto& contract = settings_.auth.contract;
    if (!granted) co_return refused(login_refusal(granted.error(), contract));
    co_return welcome(200, contract.login, *granted, request, settings_.auth);
}

} // namespace gatehouse::gateway
