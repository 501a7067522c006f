#include "auth/service/auth_error.hpp"

namespace gatehouse::auth {

std::string_view to_string(AuthError::Kind kind) noexcept
{
    switch (kind) {
    case AuthError::Kind::token_revoked:
        return "token_revoked";
    case AuthError::Kind::invalid_credentials:
        return "invalid_credentials";
    case AuthError::Kind::account_blocked:
        return "account_blocked";
    case AuthError::Kind::login_too_old:
        return "insufficient_user_authentication";
    case AuthError::Kind::email_unverified:
        return "email_unverified";
    case AuthError::Kind::link_invalid:
        return "link_invalid";
    case AuthError::Kind::registration_closed:
        return "registration_closed";
    case AuthError::Kind::too_many_sessions:
        return "too_many_sessions";
    case AuthError::Kind::passkey_invalid:
        return "passkey_invalid";
    case AuthError::Kind::too_many_passkeys:
        return "too_many_passkeys";
    case AuthError::Kind::refresh_token_invalid:
        return "refresh_token_invalid";
    case AuthError::Kind::refresh_token_expired:
        return "refresh_token_expired";
    case AuthError::Kind::refresh_token_revoked:
        return "refresh_token_revoked";
    case AuthError::Kind::refresh_token_reused:
        return "refresh_token_reused";
    case AuthError::Kind::second_factor_required:
        return "second_factor_required";
    case AuthError::Kind::invalid_code:
        return "invalid_code";
    case AuthError::Kind::login_token_invalid:
        return "login_token_invalid";
    case AuthError::Kind::not_found:
        return "not_found";
    case AuthError::Kind::name_taken:
        return "name_taken";
    case AuthError::Kind::last_way_in:
        return "last_way_in";
    case AuthError::Kind::second_factor_active:
        return "second_factor_active";
    case AuthError::Kind::invalid_fields:
        return "invalid_fields";
    case AuthError::Kind::too_many_attempts:
        return "too_many_attempts";
    case AuthError::Kind::not_configured:
        return "not_configured";
    case AuthError::Kind::store_unavailable:
        return "store_unavailable";
    case AuthError::Kind::overloaded:
        return "overloaded";
    }
    return "unknown";
}

AuthError to_auth_error(StoreError error)
{
    using Kind = AuthError::Kind;
    switch (error) {
    case StoreError::unavailable:
        return {Kind::store_unavailable, std::chrono::seconds(1)};
    case StoreError::name_taken:
        return Kind::name_taken;
    case StoreError::invite_invalid:
        return Kind::registration_closed;
    case StoreError::not_found:
        return Kind::not_found;
    case StoreError::blocked:
        return Kind::account_blocked;
    case StoreError::too_many_sessions:
        return Kind::too_many_sessions;
    case StoreError::too_many_passkeys:
        return Kind::too_many_passkeys;
    case StoreError::password_changed:
        return Kind::invalid_credentials;
    case StoreError::already_used:
        return Kind::login_token_invalid;
    }
    return Kind::store_unavailable;
}

AuthError to_auth_error(const NotAdmitted& why)
{
    if (!why.retry_after) return to_auth_error(StoreError::unavailable);
    return {AuthError::Kind::too_many_attempts, *why.retry_after};
}

std::ostream& operator<<(std::ostream& out, AuthError::Kind kind)
{
    return out << to_string(kind);
}

std::ostream& operator<<(std::ostream& out, const AuthError& error)
{
    out << error.kind;
    for (const auto& problem : error.fields)
        out << " [" << problem.name << ": " << problem.message << ']';
    return out;
}

} // namespace gatehouse::auth
