#pragma once

#include "auth/service/auth_error.hpp"
#include "auth/service/requests.hpp"
#include "config/settings/settings.hpp"
#include "gateway/headers/own_cookies.hpp"
#include "gateway/pipeline/local_endpoint.hpp"

#include <span>

namespace gatehouse::gateway {

/// The code, the Retry-After and the fields of an error of the auth service.
[[nodiscard]] Refusal refusal_of(const auth::AuthError& error);

[[nodiscard]] LocalResponse refused(Refusal refusal);
[[nodiscard]] LocalResponse refused(const auth::AuthError& error);

/// 204.
[[nodiscard]] LocalResponse done();

/// A JSON answer that nobody keeps.
[[nodiscard]] LocalResponse json_answer(unsigned status, std::string body);

/// A pair of tokens, delivered as its session wants it and drawn as the call's contract says;
/// without one, `usual_status` and the body of docs/API.md.
[[nodiscard]] LocalResponse pair_answer(unsigned usual_status, const config::CallContract& call,
                                        const auth::Grant& grant,
                                        const config::AuthApiSettings& settings);
[[nodiscard]] LocalResponse profile_answer(const auth::Profile& profile,
                                           const config::ContractSettings& contract);
[[nodiscard]] LocalResponse api_keys_answer(std::span<const auth::ApiKey> keys);
[[nodiscard]] LocalResponse passkeys_answer(std::span<const auth::Passkey> passkeys);
[[nodiscard]] LocalResponse passkey_answer(unsigned status, const auth::Passkey& passkey);
[[nodiscard]] LocalResponse sessions_answer(std::span<const auth::SessionSummary> sessions);
/// A file for whoever asked for it.
[[nodiscard]] LocalResponse copy_answer(const auth::AccountCopy& copy);

/// The cookies of a pair.
void set_cookies(CookieFields& fields, const auth::Grant& grant,
                 const config::AuthApiSettings& settings);

/// By which the browser of a login is known when it comes again.
void leave_device_cookie(LocalResponse& response, const auth::Grant& grant,
                         const config::AuthApiSettings& settings);

/// What a login becomes. A program that asked for no cookie is not left one.
[[nodiscard]] LocalResponse welcome(unsigned usual_status, const config::CallContract& call,
                                    const auth::Grant& grant, const LocalRequest& request,
                                    const config::AuthApiSettings& settings);

/// Whoever asks is known already, so that a wrong current password is no 401: clients would take
/// that for an expired token, refresh, and try the same password again.
[[nodiscard]] Refusal own_account_refusal(const auth::AuthError& error);

/// Makes the browser forget our cookies.
void clear_cookie(LocalResponse& response, const config::AuthApiSettings& settings);

} // namespace gatehouse::gateway
