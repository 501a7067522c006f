// What one may do with one's own account: look, take a copy, change password and names, leave.
#include "gateway/api/api_answers.hpp"
#include "gateway/api/api_request.hpp"
#include "gateway/api/auth_api.hpp"
#include "gateway/api/contract_answers.hpp"
#include "gateway/api/store_call.hpp"

#include <utility>

namespace gatehouse::gateway {
namespace {

using auth::AuthError;

/// A name as it shall be: absent, it stays; null gives it up.
Result<std::optional<std::optional<std::string>>, Refusal> wish(const auth::json::Value& body,
                                                                std::string_view name)
{
    using Wish = std::optional<std::optional<std::string>>;
    if (body.find(name) == nullptr) return Wish();
    auto text = string_member(body, name);
    if (!text) return text.error();
    return Wish(*std::move(text));
}

Result<auth::OtherNames, Refusal> read_other_names(const auth::json::Value& body,
                                                   const config::MemberContract& members)
{
    auto username = wish(body, members.username);
    if (!username) return username.error();
    auto email = wish(body, members.email);
    if (!email) return email.error();
    auto current = string_member(body, "currentPassword");
    if (!current) return current.error();
    auto code = string_member(body, "code");
    if (!code) return code.error();
    return auth::OtherNames{*std::move(username), *std::move(email),
                            Secret(std::move(*current).value_or("")),
                            Secret(std::move(*code).value_or(""))};
}

} // namespace

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
    auto pending = offload(rooms_.hash_pool, noted(request, job));
    const auto stored = co_await std::move(pending);
    const auto changed = co_await confirmed(stored);
    auto response = changed ? done() : refused(own_account_refusal(changed.error()));
    response.user_id = principal->user_id;
    co_return response;
}

Task<LocalResponse> AuthApi::me(const LocalRequest& request)
{
    const auto principal = anyone_of(request);
    if (!principal) co_return refused(principal.error());
    auto job = [&] { return rooms_.service.me(*principal); };
    auto pending = on_store(request, job);
    const auto profile = co_await std::move(pending);
    if (!profile) co_return refused(profile.error());
    co_return profile_answer(*profile, settings_.auth.contract);
}

Task<LocalResponse> AuthApi::change_names(const LocalRequest& request)
{
    const auto& contract = settings_.auth.contract;
    const auto principal = bearer_of(request);
    if (!principal) co_return refused(principal.error());
    const auto body = read_body_or_form(request, settings_.auth, EmptyBody::refused);
    if (!body) co_return refused(body.error());
    const auto names = read_other_names(*body, contract.members);
    if (!names) co_return refused(names.error());

    auto place = rooms_.service.enter_hash_queue();
    if (!place) co_return refused(AuthError(AuthError::Kind::overloaded));
    const auto caller = caller_of(request);
    auto job = [&] {
        return rooms_.service.change_names(*principal, *names, caller, std::move(*place));
    };
    auto pending = offload(rooms_.hash_pool, noted(request, job));
    const auto profile = co_await std::move(pending);
    if (profile) co_return profile_answer(*profile, contract);
    auto refusal = own_account_refusal(profile.error());
    name_fields_as(contract.members, refusal);
    auto response = refused(std::move(refusal));
    response.user_id = principal->user_id;
    co_return response;
}

Task<LocalResponse> AuthApi::delete_account(const LocalRequest& request)
{
    const auto principal = bearer_of(request);
    if (!principal) co_return refused(principal.error());
    const auto body = read_body_or_form(request, settings_.auth, EmptyBody::allowed);
    if (!body) co_return refused(body.error());
    auto current = string_member(*body, "currentPassword");
    if (!current) co_return refused(current.error());

    auto place = rooms_.service.enter_hash_queue();
    if (!place) co_return refused(AuthError(AuthError::Kind::overloaded));
    const Secret password(std::move(*current).value_or(""));
    const auto caller = caller_of(request);
    auto job = [&] {
        return rooms_.service.delete_account(*principal, password, caller, std::move(*place));
    };
    auto pending = offload(rooms_.hash_pool, noted(request, job));
    const auto stored = co_await std::move(pending);
    const auto gone = co_await confirmed(stored);
    auto response = gone ? done() : refused(own_account_refusal(gone.error()));
    if (gone && may_hold_cookies(request, settings_.auth)) clear_cookie(response, settings_.auth);
    response.user_id = principal->user_id;
    co_return response;
}

Task<LocalResponse> AuthApi::copy_account(const LocalRequest& request)
{
    const auto principal = bearer_of(request);
    if (!principal) co_return refused(principal.error());
    auto job = [&] { return rooms_.service.copy_account(*principal); };
    auto pending = on_store(request, job);
    const auto copy = co_await std::move(pending);
    auto response = copy ? copy_answer(*copy) : refused(copy.error());
    response.user_id = principal->user_id;
    co_return response;
}

} // namespace gatehouse::gateway
