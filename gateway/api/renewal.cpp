// The refresh of a session whose page has no token code: on the way of a request to its upstream.
#include "auth/tokens/csrf_token.hpp"
#include "config/basics/enforced.hpp"
#include "gateway/api/api_answers.hpp"
#include "gateway/api/api_request.hpp"
#include "gateway/api/auth_api.hpp"
#include "gateway/api/store_call.hpp"

namespace gatehouse::gateway {
namespace {

using auth::AuthError;

/// A page without token code knows nothing of refresh tokens: it is signed in or not.
RefusalCode code_for_page(const AuthError& error)
{
    switch (error.kind) {
    case AuthError::Kind::refresh_token_expired:
        return RefusalCode::token_expired;
    case AuthError::Kind::refresh_token_revoked:
        return RefusalCode::token_revoked;
    case AuthError::Kind::refresh_token_reused:
        // A straggler may come again: what it should have sent is in the browser by then.
        return error.session_over ? RefusalCode::token_revoked : RefusalCode::token_expired;
    case AuthError::Kind::refresh_token_invalid:
        return RefusalCode::token_invalid;
    default:
        return refusal_of(error).code;
    }
}

Renewed not_renewed(const AuthError& error, const Renewal& renewal,
                    const config::AuthApiSettings& settings)
{
    Renewed outcome;
    auto refusal = refusal_of(error);
    refusal.reason = to_string(refusal.code);
    refusal.code = code_for_page(error);
    const bool of_token = status_of(refusal.code) == 401;
    if (of_token && renewal.bad_token == config::BadTokenStatus::forbidden) refusal.status = 403;
    const bool useless = error.session_over || error.kind == AuthError::Kind::refresh_token_invalid;
    if (useless) clear_cookies(outcome.fields, settings);
    outcome.refusal = std::move(refusal);
    return outcome;
}

} // namespace

Task<Renewed> AuthApi::renew(const Renewal& renewal, const LocalRequest& request)
{
    auto renewing = try_to_renew(renewal, request);
    auto renewed = co_await std::move(renewing);
    note(AuthCall::renewal, renewed.refusal);
    co_return renewed;
}

Task<Renewed> AuthApi::try_to_renew(const Renewal& renewal, const LocalRequest& request)
{
    const auto claims = rooms_.service.check_refresh_token(renewal.refresh_token);
    if (!claims) co_return not_renewed(claims.error(), renewal, settings_.auth);
    Renewed renewed;
    if (enforced("renewal.proof") && renewal.needs_proof) {
        const auto ring = rooms_.keys.ring();
        const auto& session = claims->session_id;
        if (!auth::is_csrf_token_of(*ring, session, renewal.csrf_token, rooms_.clock.seconds())) {
            renewed.refusal = Refusal(RefusalCode::origin_forbidden, "no proof of an own page");
            co_return renewed;
        }
    }
    const auto caller = caller_of(request);
    auto lead = [&]() -> Task<RefreshJoiner::Outcome> {
        return on_store(request, [&] { return rooms_.service.refresh(*claims, caller); });
    };
    auto joined = queues_->joiner.join({claims->session_id, claims->generation}, lead);
    const auto granted = co_await std::move(joined);
    if (!granted) co_return not_renewed(granted.error(), renewal, settings_.auth);
    renewed.access_token = granted->access_token;
    set_cookies(renewed.fields, *granted, settings_.auth);
    co_return renewed;
}

} // namespace gatehouse::gateway
