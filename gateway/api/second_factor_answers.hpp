#pragma once

#include "auth/json/writer.hpp"
#include "auth/service/auth_error.hpp"
#include "auth/service/requests.hpp"
#include "config/settings/identity.hpp"
#include "gateway/pipeline/local_endpoint.hpp"

#include <span>
#include <string>

namespace gatehouse::gateway {

/// Members of a refusal, without the braces around them.
[[nodiscard]] std::string members_of(const auth::AuthError::NextStep& next);

void write_second_factor(auth::json::Writer& json, const auth::SecondFactorState& state);

[[nodiscard]] LocalResponse second_factor_answer(const auth::SecondFactorState& state);
[[nodiscard]] LocalResponse enrolment_answer(const auth::TotpEnrolment& enrolment);
[[nodiscard]] LocalResponse recovery_codes_answer(std::span<const Secret> codes);
/// An access token alone; where the session travels in cookies, in its own cookie too.
[[nodiscard]] LocalResponse access_answer(const auth::Grant& grant,
                                          const config::AuthApiSettings& settings);

} // namespace gatehouse::gateway
