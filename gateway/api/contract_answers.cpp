#include "gateway/api/contract_answers.hpp"

#include "auth/service/drawn.hpp"

#include <utility>

namespace gatehouse::gateway {
namespace {

using Kind = auth::AuthError::Kind;

bool is_bad_refresh_token(Kind kind) noexcept
{
    return kind == Kind::refresh_token_invalid || kind == Kind::refresh_token_expired ||
           kind == Kind::refresh_token_revoked || kind == Kind::refresh_token_reused;
}

} // namespace

LocalResponse done_as(const config::CallContract& call)
{
    if (call.answer.members.empty()) {
        auto response = done();
        response.status = call.success.value_or(response.status);
        return response;
    }
    return json_answer(call.success.value_or(200), auth::draw(call.answer, {}));
}

Refusal with_status(Refusal refusal, std::optional<std::uint32_t> status)
{
    if (status) refusal.status = *status;
    return refusal;
}

Refusal refusal_of(const auth::AuthError& error, const config::RegisterContract& call)
{
    if (error.kind == Kind::invalid_fields) return with_status(refusal_of(error), call.invalid);
    if (error.kind == Kind::name_taken) return with_status(refusal_of(error), call.name_taken);
    return refusal_of(error);
}

Refusal refusal_of(const auth::AuthError& error, const config::LoginContract& call)
{
    if (error.kind == Kind::invalid_fields) return with_status(refusal_of(error), call.invalid);
    if (error.kind != Kind::invalid_credentials) return refusal_of(error);
    if (!error.nobody || !call.unknown_user) {
        return with_status(refusal_of(error), call.bad_credentials);
    }
    Refusal unknown(RefusalCode::not_found);
    unknown.message = "User not registered";
    return with_status(std::move(unknown), call.unknown_user);
}

Refusal refusal_of(const auth::AuthError& error, const config::RefreshContract& call)
{
    if (!is_bad_refresh_token(error.kind)) return refusal_of(error);
    return with_status(refusal_of(error), call.bad_token);
}

LocalResponse nothing_ended(const config::LogoutContract& call, Refusal refusal,
                            std::optional<std::uint32_t> status)
{
    if (!status || *status >= 300) return refused(with_status(std::move(refusal), status));
    if (*status != 204) return done_as(call);
    return done();
}

} // namespace gatehouse::gateway
