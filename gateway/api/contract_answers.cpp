#include "gateway/api/contract_answers.hpp"

#include "auth/service/drawn.hpp"

#include <utility>

namespace gatehouse::gateway {
namespace {

using auth::AuthError;
using Kind = AuthError::Kind;

bool is_bad_refresh_token(Kind kind) noexcept
{
    return kind == Kind::refresh_token_invalid || kind == Kind::refresh_token_expired ||
           kind == Kind::refresh_token_revoked || kind == Kind::refresh_token_reused;
}

Refusal refusal_of_fields(const AuthError& error, const config::MemberContract& members)
{
    auto refusal = refusal_of(error);
    name_fields_as(members, refusal);
    return refusal;
}

} // namespace

void name_fields_as(const config::MemberContract& members, Refusal& refusal)
{
    for (auto& field : refusal.fields) {
        if (field.name == "username") {
            field.name = members.username;
        } else if (field.name == "email") {
            field.name = members.email;
        } else if (field.name == "password") {
            field.name = members.password;
        }
    }
}

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

Refusal register_refusal(const AuthError& error, const config::ContractSettings& contract)
{
    const auto& call = contract.registration;
    if (error.kind == Kind::invalid_fields) {
        return with_status(refusal_of_fields(error, contract.members), call.invalid);
    }
    if (error.kind == Kind::name_taken) return with_status(refusal_of(error), call.name_taken);
    return refusal_of(error);
}

Refusal login_refusal(const AuthError& error, const config::ContractSettings& contract)
{
    const auto& call = contract.login;
    if (error.kind == Kind::invalid_fields) {
        return with_status(refusal_of_fields(error, contract.members), call.invalid);
    }
    if (error.kind != Kind::invalid_credentials) return refusal_of(error);
    if (!error.nobody || !call.unknown_user) {
        return with_status(refusal_of(error), call.bad_credentials);
    }
    Refusal unknown(RefusalCode::not_found);
    unknown.message = "User not registered";
    return with_status(std::move(unknown), call.unknown_user);
}

Refusal refresh_refusal(const AuthError& error, const config::ContractSettings& contract)
{
    if (!is_bad_refresh_token(error.kind)) return refusal_of(error);
    return with_status(refusal_of(error), contract.refresh.bad_token);
}

LocalResponse nothing_ended(const config::LogoutContract& call, Refusal refusal,
                            std::optional<std::uint32_t> status)
{
    if (!status || *status >= 300) return refused(with_status(std::move(refusal), status));
    auto response = *status == 204 ? done() : done_as(call);
    response.status = *status;
    return response;
}

} // namespace gatehouse::gateway
