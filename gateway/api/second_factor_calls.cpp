// What one may do with a second factor: set it up, take it away, show a code of it.
#include "auth/service/second_factors.hpp"
#include "gateway/api/api_answers.hpp"
#include "gateway/api/api_request.hpp"
#include "gateway/api/auth_api.hpp"
#include "gateway/api/second_factor_answers.hpp"
#include "gateway/api/store_call.hpp"

#include <utility>

namespace gatehouse::gateway {
namespace {

using auth::AuthError;
using SecondFactors = auth::AuthService::SecondFactors;

/// What these calls are told: each is a text, and what is absent is empty.
struct Told {
    Secret current_password;
    Secret code;
};

Result<Secret, Refusal> secret_member(const auth::json::Value& body, std::string_view name)
{
    auto text = string_member(body, name);
    if (!text) return text.error();
    return Secret(std::move(*text).value_or(""));
}

Result<Told, Refusal> read_told(const LocalRequest& request,
                                const config::AuthApiSettings& settings)
{
    const auto body = read_body_or_form(request, settings, EmptyBody::allowed);
    if (!body) return body.error();
    auto current = secret_member(*body, "currentPassword");
    if (!current) return current.error();
    auto code = secret_member(*body, "code");
    if (!code) return code.error();
    return Told{*std::move(current), *std::move(code)};
}

} // namespace

Task<LocalResponse> AuthApi::second_factor(const LocalRequest& request)
{
    const auto principal = bearer_of(request);
    if (!principal) co_return refused(principal.error());
    auto job = [&] { return SecondFactors(rooms_.service).state(*principal); };
    auto pending = on_store(request, job);
    const auto state = co_await std::move(pending);
    auto response = state ? second_factor_answer(*state) : refused(state.error());
    response.user_id = principal->user_id;
    co_return response;
}

Task<LocalResponse> AuthApi::begin_totp(const LocalRequest& request)
{
    const auto principal = bearer_of(request);
    if (!principal) co_return refused(principal.error());
    const auto told = read_told(request, settings_.auth);
    if (!told) co_return refused(told.error());
    auto place = rooms_.service.enter_hash_queue();
    if (!place) co_return refused(AuthError(AuthError::Kind::overloaded));
    const auto caller = caller_of(request);
    auto job = [&] {
        return SecondFactors(rooms_.service)
            .begin_totp(*principal, told->current_password, caller, std::move(*place));
    };
    auto pending = offload(rooms_.hash_pool, noted(request, job));
    const auto begun = co_await std::move(pending);
    auto response = begun ? enrolment_answer(*begun) : refused(own_account_refusal(begun.error()));
    response.user_id = principal->user_id;
    co_return response;
}

Task<LocalResponse> AuthApi::confirm_totp(const LocalRequest& request)
{
    const auto principal = bearer_of(request);
    if (!principal) co_return refused(principal.error());
    const auto told = read_told(request, settings_.auth);
    if (!told) co_return refused(told.error());
    const auto caller = caller_of(request);
    auto job = [&] {
        return SecondFactors(rooms_.service).confirm_totp(*principal, told->code, caller);
    };
    auto pending = on_store(request, job);
    const auto codes = co_await std::move(pending);
    auto response = codes ? recovery_codes_answer(*codes) : refused(codes.error());
    response.user_id = principal->user_id;
    co_return response;
}

Task<LocalResponse> AuthApi::remove_totp(const LocalRequest& request)
{
    const auto principal = bearer_of(request);
    if (!principal) co_return refused(principal.error());
    const auto told = read_told(request, settings_.auth);
    if (!told) co_return refused(told.error());
    auto place = rooms_.service.enter_hash_queue();
    if (!place) co_return refused(AuthError(AuthError::Kind::overloaded));
    const auto caller = caller_of(request);
    auto job = [&] {
        return SecondFactors(rooms_.service)
            .remove_totp(*principal, told->current_password, told->code, caller, std::move(*place));
    };
    auto pending = offload(rooms_.hash_pool, noted(request, job));
    const auto removed = co_await std::move(pending);
    auto response = removed ? done() : refused(own_account_refusal(removed.error()));
    response.user_id = principal->user_id;
    co_return response;
}

Task<LocalResponse> AuthApi::renew_recovery_codes(const LocalRequest& request)
{
    const auto principal = bearer_of(request);
    if (!principal) co_return refused(principal.error());
    const auto told = read_told(request, settings_.auth);
    if (!told) co_return refused(told.error());
    auto place = rooms_.service.enter_hash_queue();
    if (!place) co_return refused(AuthError(AuthError::Kind::overloaded));
    const auto caller = caller_of(request);
    auto job = [&] {
        return SecondFactors(rooms_.service)
            .renew_recovery_codes(*principal, told->current_password, told->code, caller,
                                  std::move(*place));
    };
    auto pending = offload(rooms_.hash_pool, noted(request, job));
    const auto codes = co_await std::move(pending);
    auto response =
        codes ? recovery_codes_answer(*codes) : refused(own_account_refusal(codes.error()));
    response.user_id = principal->user_id;
    co_return response;
}

Task<LocalResponse> AuthApi::login_with_code(const LocalRequest& request)
{
    const auto body = read_body_or_form(request, settings_.auth, EmptyBody::refused);
    if (!body) co_return refused(body.error());
    auto token = secret_member(*body, "loginToken");
    if (!token) co_return refused(token.error());
    auto code = secret_member(*body, "code");
    if (!code) co_return refused(code.error());
    const auto delivery = read_delivery(*body);
    if (!delivery) co_return refused(delivery.error());

    const auth::CodeLogin login{*std::move(token), *std::move(code), *delivery};
    const auto caller = caller_of(request);
    auto job = [&] { return SecondFactors(rooms_.service).login_with_code(login, caller); };
    auto pending = on_store(request, job);
    const auto granted = co_await std::move(pending);
    if (!granted) co_return refused(granted.error());
    co_return welcome(200, settings_.auth.contract.login, *granted, request, settings_.auth);
}

Task<LocalResponse> AuthApi::step_up(const LocalRequest& request)
{
    const auto principal = bearer_of(request);
    if (!principal) co_return refused(principal.error());
    const auto told = read_told(request, settings_.auth);
    if (!told) co_return refused(told.error());
    const auto caller = caller_of(request);
    auto job = [&] {
        return SecondFactors(rooms_.service).step_up(*principal, told->code, caller);
    };
    auto pending = on_store(request, job);
    const auto granted = co_await std::move(pending);
    auto response = granted ? access_answer(*granted, settings_.auth) : refused(granted.error());
    response.user_id = principal->user_id;
    co_return response;
}

} // namespace gatehouse::gateway
