// Calls that hash: register, login, password change; and what one may ask about oneself.
#include "gateway/api/api_answers.hpp"
#include "gateway/api/api_request.hpp"
#include "gateway/api/auth_api.hpp"
#include "gateway/api/contract_answers.hpp"
#include "gateway/api/store_call.hpp"

#include <utility>

namespace gatehouse::gateway {
namespace {

using auth::AuthError;

/// Whoever asks is known already, so that a wrong current password is no 401: clients would take
/// that for an expired token, refresh, and try the same password again.
Refusal change_refusal(const AuthError& error)
{
    auto refusal = refusal_of(error);
    if (refusal.code == RefusalCode::invalid_credentials) refusal.status = 403;
    return refusal;
}

} // namespace

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
    auto pending = offload(rooms_.hash_pool, job);
    const auto granted = co_await std::move(pending);
    const auto& contract = settings_.auth.contract;
    if (!granted) co_return refused(register_refusal(granted.error(), contract));
    co_return pair_answer(201, contract.registration, *granted, settings_.auth);
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
    auto pending = offload(rooms_.hash_pool, job);
    const auto granted = co_await std::move(pending);
    const auto& contract = settings_.auth.contract;
    if (!granted) co_return refused(login_refusal(granted.error(), contract));
    co_return pair_answer(200, contract.login, *granted, settings_.auth);
}

Task<LocalResponse> AuthApi::change_password(const LocalRequest& request)
{
    const auto principal = bearer_of(request);
    if (!principal) co_return refused(principal.error());
    const auto body = read_body_or_form(request, settings_.auth, EmptyBody::refused);
    if (!body) co_return refused(body.error());
    auto current = string_member(*body, "currentPassword");
    if (!current) co_return refused(current.error());
    auto fresh = string_member(*body, "newPassword");
    if (!fresh) co_return refused(fresh.error());

    auto place = rooms_.service.enter_hash_queue();
    if (!place) co_return refused(AuthError(AuthError::Kind::overloaded));
    const Secret old_password(std::move(*current).value_or(""));
    const Secret new_password(std::move(*fresh).value_or(""));
    const auto caller = caller_of(request);
    auto job = [&] {
        return rooms_.service.change_password(*principal, old_password, new_password, caller,
                                              std::move(*place));
    };
    auto pending = offload(rooms_.hash_pool, job);
    const auto stored = co_await std::move(pending);
    const auto changed = co_await confirmed(stored);
    auto response = changed ? done() : refused(change_refusal(changed.error()));
    response.user_id = principal->user_id;
    co_return response;
}

Task<LocalResponse> AuthApi::me(const LocalRequest& request)
{
    const auto principal = bearer_of(request);
    if (!principal) co_return refused(principal.error());
    auto job = [&] { return rooms_.service.me(*principal); };
    auto pending = on_store(job);
    const auto profile = co_await std::move(pending);
    if (!profile) co_return refused(profile.error());
    co_return profile_answer(*profile, settings_.auth.contract);
}

} // namespace gatehouse::gateway
