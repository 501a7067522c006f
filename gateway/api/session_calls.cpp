// Calls about sessions: refresh, the ways to sign out, the list of one's own.
#include "config/basics/enforced.hpp"
#include "gateway/api/api_answers.hpp"
#include "gateway/api/api_request.hpp"
#include "gateway/api/auth_api.hpp"
#include "gateway/api/contract_answers.hpp"
#include "gateway/api/store_call.hpp"

#include <utility>

namespace gatehouse::gateway {
namespace {

Refusal no_refresh_token(const config::AuthApiSettings& settings)
{
    return told(RefusalCode::bad_request,
                "The refresh token is missing: neither the body (" +
                    settings.contract.members.refresh_token + ") nor the cookie " +
                    settings.cookie_name + " brings one",
                "no refresh token");
}

Refusal nothing_to_log_out()
{
    return told(RefusalCode::bad_request,
                "Neither a refresh token nor a bearer says whom to sign out", "nothing to log out");
}

} // namespace

Task<Result<void, auth::AuthError>> AuthApi::confirmed(Result<void, auth::AuthError> outcome)
{
    if (!outcome || rooms_.confirmation == nullptr) co_return outcome;
    const auto since = std::chrono::steady_clock::now(); // stored it was a moment ago
    auto job = [this, since] { rooms_.confirmation->wait(since); };
    auto pending = offload(*rooms_.confirm_pool, job);
    co_await std::move(pending);
    co_return outcome;
}

Task<LocalResponse> AuthApi::refresh(const LocalRequest& request)
{
    const auto& contract = settings_.auth.contract;
    const auto presented = presented_token(request, settings_.auth);
    if (!presented) co_return refused(presented.error());
    const auto& token = *presented;
    if (!token) {
        co_return refused(
            with_status(no_refresh_token(settings_.auth), contract.refresh.missing_token));
    }
    const bool by_cookie = token->by_cookie;
    if (by_cookie && is_foreign_page(request)) {
        co_return refused(Refusal(RefusalCode::origin_forbidden));
    }

    const auto claims = rooms_.service.check_refresh_token(token->token.reveal());
    if (!claims) co_return refused(refresh_refusal(claims.error(), contract));
    const auto caller = caller_of(request);
    auto lead = [&]() -> Task<RefreshJoiner::Outcome> {
        return on_store(request, [&] { return rooms_.service.refresh(*claims, caller); });
    };
    auto joined = queues_->joiner.join({claims->session_id, claims->generation}, lead);
    const auto granted = co_await std::move(joined);
    if (granted) co_return pair_answer(200, contract.refresh, *granted, settings_.auth);

    auto response = refused(refresh_refusal(granted.error(), contract));
    response.user_id = claims->user_id;
    if (by_cookie && granted.error().session_over) clear_cookie(response, settings_.auth);
    co_return response;
}

Task<LocalResponse> AuthApi::logout(const LocalRequest& request)
{
    const auto& contract = settings_.auth.contract.logout;
    const auto presented = presented_token(request, settings_.auth);
    if (!presented) co_return refused(presented.error());
    if (const auto& token = *presented) {
        if (token->by_cookie && is_foreign_page(request)) {
            co_return refused(Refusal(RefusalCode::origin_forbidden));
        }
        co_return co_await logout_by_token(request, token->token);
    }

    const auto principal = bearer_of(request);
    if (!principal) {
        if (principal.error().code != RefusalCode::token_missing) {
            co_return refused(principal.error());
        }
        co_return nothing_ended(contract, nothing_to_log_out(), contract.missing_token);
    }
    const auto caller = caller_of(request);
    auto job = [&] { return rooms_.service.logout(*principal, caller); };
    auto pending = on_store(request, job);
    const auto stored = co_await std::move(pending);
    const auto ended = co_await confirmed(stored);
    auto response = ended ? done_as(contract) : refused(ended.error());
    if (ended && may_hold_cookies(request, settings_.auth)) clear_cookie(response, settings_.auth);
    response.user_id = principal->user_id;
    co_return response;
}

Task<LocalResponse> AuthApi::logout_by_token(const LocalRequest& request, const Secret& token)
{
    const auto& contract = settings_.auth.contract.logout;
    const auto claims = rooms_.service.check_logout_token(token.reveal());
    if (!claims) {
        auto response = nothing_ended(contract, refusal_of(claims.error()), contract.bad_token);
        const bool over = !response.refusal && carries_cookie(request, settings_.auth);
        if (over) clear_cookie(response, settings_.auth);
        co_return response;
    }
    const auto caller = caller_of(request);
    auto job = [&] { return rooms_.service.logout(*claims, caller); };
    auto pending = on_store(request, job);
    const auto stored = co_await std::move(pending);
    const auto ended = co_await confirmed(stored);
    auto response = ended ? done_as(contract) : refused(ended.error());
    if (ended && may_hold_cookies(request, settings_.auth)) clear_cookie(response, settings_.auth);
    response.user_id = claims->user_id;
    co_return response;
}

Task<LocalResponse> AuthApi::logout_all(const LocalRequest& request)
{
    const auto principal = bearer_of(request);
    if (!principal) co_return refused(principal.error());
    const auto caller = caller_of(request);
    auto job = [&] { return rooms_.service.logout_all(*principal, caller); };
    auto pending = on_store(request, job);
    const auto stored = co_await std::move(pending);
    const auto ended = co_await confirmed(stored);
    auto response = ended ? done() : refused(ended.error());
    if (ended && may_hold_cookies(request, settings_.auth)) clear_cookie(response, settings_.auth);
    response.user_id = principal->user_id;
    co_return response;
}

Task<LocalResponse> AuthApi::logout_others(const LocalRequest& request)
{
    const auto principal = bearer_of(request);
    if (!principal) co_return refused(principal.error());
    const auto caller = caller_of(request);
    auto job = [&] { return rooms_.service.logout_others(*principal, caller); };
    auto pending = on_store(request, job);
    const auto stored = co_await std::move(pending);
    const auto ended = co_await confirmed(stored);
    auto response = ended ? done() : refused(ended.error());
    response.user_id = principal->user_id;
    co_return response;
}

Task<LocalResponse> AuthApi::list_sessions(const LocalRequest& request)
{
    const auto principal = bearer_of(request);
    if (!principal) co_return refused(principal.error());
    auto job = [&] { return rooms_.service.list_sessions(*principal); };
    auto pending = on_store(request, job);
    const auto sessions = co_await std::move(pending);
    auto response = sessions ? sessions_answer(*sessions) : refused(sessions.error());
    response.user_id = principal->user_id;
    co_return response;
}

Task<LocalResponse> AuthApi::revoke_session(const LocalRequest& request)
{
    const auto principal = bearer_of(request);
    if (!principal) co_return refused(principal.error());
    const auto session_id = std::string(request.path.substr(request.path.rfind('/') + 1));
    const auto caller = caller_of(request);
    auto job = [&] { return rooms_.service.revoke_session(*principal, session_id, caller); };
    auto pending = on_store(request, job);
    const auto stored = co_await std::move(pending);
    const auto ended = co_await confirmed(stored);
    auto response = ended ? done() : refused(ended.error());
    const bool own = session_id == principal->session_id;
    if (ended && own && may_hold_cookies(request, settings_.auth)) {
        clear_cookie(response, settings_.auth);
    }
    response.user_id = principal->user_id;
    co_return response;
}

} // namespace gatehouse::gateway
