#include "gateway/api/second_factor_answers.hpp"

#include "gateway/api/api_answers.hpp"

#include <utility>

namespace gatehouse::gateway {

using auth::json::Writer;

std::string members_of(const auth::AuthError::NextStep& next)
{
    std::string members;
    Writer json(members);
    json.begin_object();
    json.member("loginToken", next.login_token.reveal());
    json.name("methods");
    json.begin_array();
    json.string("totp");
    if (next.has_recovery_codes) json.string("recovery_code");
    json.end_array();
    json.member("expiresIn", next.life.count());
    json.end_object();
    return members.substr(1, members.size() - 2);
}

void write_second_factor(Writer& json, const auth::SecondFactorState& state)
{
    json.begin_object();
    json.name("totp");
    json.boolean(state.totp);
    json.member("recoveryCodesLeft", static_cast<std::int64_t>(state.recovery_codes_left));
    json.end_object();
}

LocalResponse second_factor_answer(const auth::SecondFactorState& state)
{
    std::string body;
    Writer json(body);
    write_second_factor(json, state);
    return json_answer(200, std::move(body));
}

LocalResponse enrolment_answer(const auth::TotpEnrolment& enrolment)
{
    std::string body;
    Writer json(body);
    json.begin_object();
    json.member("secret", enrolment.secret.reveal());
    json.member("uri", enrolment.uri.reveal());
    json.member("qr", enrolment.qr.reveal());
    json.end_object();
    return json_answer(200, std::move(body));
}

LocalResponse recovery_codes_answer(std::span<const Secret> codes)
{
    std::string body;
    Writer json(body);
    json.begin_object();
    json.name("recoveryCodes");
    json.begin_array();
    for (const auto& code : codes) json.string(code.reveal());
    json.end_array();
    json.end_object();
    return json_answer(200, std::move(body));
}

LocalResponse access_answer(const auth::Grant& grant, const config::AuthApiSettings& settings)
{
    std::string body;
    Writer json(body);
    json.begin_object();
    json.member("accessToken", grant.access_token.reveal());
    json.member("tokenType", "Bearer");
    json.member("expiresIn", grant.access_life.count());
    json.end_object();
    auto response = json_answer(200, std::move(body));
    response.user_id = grant.user.id;
    if (grant.delivery != auth::SessionDelivery::body) {
        write_access_cookie(response.fields, grant.access_token.reveal(), grant.access_life,
                            settings);
    }
    return response;
}

} // namespace gatehouse::gateway
