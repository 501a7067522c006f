#include "gateway/observe/auth_outcomes.hpp"

namespace gatehouse::gateway {

std::string_view to_string(AuthCall call) noexcept
{
    switch (call) {
    case AuthCall::registration:
        return "register";
    case AuthCall::login:
        return "login";
    case AuthCall::refresh:
        return "refresh";
    case AuthCall::renewal:
        return "renewal";
    case AuthCall::logout:
        return "logout";
    case AuthCall::logout_all:
        return "logout_all";
    case AuthCall::logout_others:
        return "logout_others";
    case AuthCall::me:
        return "me";
    case AuthCall::change_names:
        return "change_names";
    case AuthCall::delete_account:
        return "delete_account";
    case AuthCall::export_account:
        return "export_account";
    case AuthCall::list_sessions:
        return "list_sessions";
    case AuthCall::revoke_session:
        return "revoke_session";
    case AuthCall::change_password:
        return "change_password";
    case AuthCall::forgot_password:
        return "forgot_password";
    case AuthCall::reset_password:
        return "reset_password";
    case AuthCall::verify_email:
        return "verify_email";
    case AuthCall::send_verification:
        return "send_verification";
    case AuthCall::list_api_keys:
        return "list_api_keys";
    case AuthCall::revoke_api_key:
        return "revoke_api_key";
    case AuthCall::revoke_token:
        return "revoke_token";
    case AuthCall::introspect:
        return "introspect";
    case AuthCall::second_factor:
        return "second_factor";
    case AuthCall::totp_register:
        return "totp_register";
    case AuthCall::totp_confirm:
        return "totp_confirm";
    case AuthCall::totp_remove:
        return "totp_remove";
    case AuthCall::recovery_codes:
        return "recovery_codes";
    case AuthCall::login_code:
        return "login_code";
    case AuthCall::step_up:
        return "step_up";
    case AuthCall::verify:
        return "verify";
    case AuthCall::passkey_register_options:
        return "passkey_register_options";
    case AuthCall::passkey_register:
        return "passkey_register";
    case AuthCall::passkey_login_options:
        return "passkey_login_options";
    case AuthCall::passkey_login:
        return "passkey_login";
    case AuthCall::list_passkeys:
        return "list_passkeys";
    case AuthCall::rename_passkey:
        return "rename_passkey";
    case AuthCall::delete_passkey:
        return "delete_passkey";
    case AuthCall::document:
        return "openapi";
    case AuthCall::jwks:
        return "jwks";
    }
    return "unknown";
}

std::vector<AuthOutcomes::Count> AuthOutcomes::counts() const
{
    std::vector<Count> all;
    for (std::size_t call = 0; call < auth_calls; ++call) {
        const auto name = to_string(static_cast<AuthCall>(call));
        const auto times = [&](std::size_t outcome) {
            return counts_[call][outcome].load(std::memory_order_relaxed);
        };
        all.push_back({name, "ok", times(ok)});
        for (std::size_t code = 0; code < refusal_codes; ++code) {
            if (times(code) == 0) continue;
            all.push_back({name, to_string(static_cast<RefusalCode>(code)), times(code)});
        }
    }
    return all;
}

} // namespace gatehouse::gateway
