// Calls that mails are for: a forgotten password, an address that is to be verified.
#include "gateway/api/api_answers.hpp"
#include "gateway/api/api_request.hpp"
#include "gateway/api/auth_api.hpp"
#include "gateway/api/store_call.hpp"

#include <utility>

namespace gatehouse::gateway {
namespace {

using auth::AuthError;

/// It will be done, if it can be.
LocalResponse accepted()
{
    return json_answer(202, "{}");
}

} // namespace

Task<LocalResponse> AuthApi::forgot_password(const LocalRequest& request)
{
    if (!rooms_.service.sends_mails()) {
        co_return refused(AuthError(AuthError::Kind::not_configured));
    }
    const auto body = read_body(request, EmptyBody::refused);
    if (!body) co_return refused(body.error());
    auto email = string_member(*body, "email");
    if (!email) co_return refused(email.error());
    const auto address = std::move(*email).value_or("");
    const auto caller = caller_of(request);
    auto job = [&] { return rooms_.service.forgot_password(address, caller); };
    auto pending = on_store(request, job);
    const auto left = co_await std::move(pending);
    co_return left ? accepted() : refused(left.error());
}

Task<LocalResponse> AuthApi::reset_password(const LocalRequest& request)
{
    if (!rooms_.service.sends_mails()) {
        co_return refused(AuthError(AuthError::Kind::not_configured));
    }
    const auto body = read_body(request, EmptyBody::refused);
    if (!body) co_return refused(body.error());
    auto link = string_member(*body, "token");
    if (!link) co_return refused(link.error());
    auto fresh = string_member(*body, "newPassword");
    if (!fresh) co_return refused(fresh.error());
    const Secret token(std::move(*link).value_or(""));
    const Secret password(std::move(*fresh).value_or(""));
    const auto caller = caller_of(request);

    // Nobody takes a place among those who hash without a link.
    auto check = [&] { return rooms_.service.check_reset_link(token, caller); };
    auto checking = on_store(request, check);
    const auto checked = co_await std::move(checking);
    if (!checked) co_return refused(checked.error());
    auto place = rooms_.service.enter_hash_queue();
    if (!place) co_return refused(AuthError(AuthError::Kind::overloaded));
    auto job = [&] {
        return rooms_.service.reset_password(token, password, caller, std::move(*place));
    };
    auto pending = offload(rooms_.hash_pool, noted(request, job));
    const auto reset = co_await std::move(pending);
    Result<void, AuthError> outcome;
    if (!reset) outcome = reset.error();
    const auto ended = co_await confirmed(outcome);
    auto response = ended ? done() : refused(ended.error());
    if (ended && may_hold_cookies(request, settings_.auth)) clear_cookie(response, settings_.auth);
    if (reset) response.user_id = *reset;
    co_return response;
}

Task<LocalResponse> AuthApi::verify_email(const LocalRequest& request)
{
    if (!rooms_.service.sends_mails()) {
        co_return refused(AuthError(AuthError::Kind::not_configured));
    }
    const auto body = read_body(request, EmptyBody::refused);
    if (!body) co_return refused(body.error());
    auto link = string_member(*body, "token");
    if (!link) co_return refused(link.error());
    const Secret token(std::move(*link).value_or(""));
    const auto caller = caller_of(request);
    auto job = [&] { return rooms_.service.verify_email(token, caller); };
    auto pending = on_store(request, job);
    const auto verified = co_await std::move(pending);
    auto response = verified ? done() : refused(verified.error());
    if (verified) response.user_id = *verified;
    co_return response;
}

Task<LocalResponse> AuthApi::send_verification(const LocalRequest& request)
{
    const auto principal = bearer_of(request);
    if (!principal) co_return refused(principal.error());
    const auto caller = caller_of(request);
    auto job = [&] { return rooms_.service.send_verification(*principal, caller); };
    auto pending = on_store(request, job);
    const auto left = co_await std::move(pending);
    auto response = left ? accepted() : refused(left.error());
    response.user_id = principal->user_id;
    co_return response;
}

} // namespace gatehouse::gateway
