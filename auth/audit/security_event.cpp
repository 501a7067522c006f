#include "auth/audit/security_event.hpp"

namespace gatehouse::auth {

std::string_view to_string(SecurityEventKind kind) noexcept
{
    switch (kind) {
    case SecurityEventKind::user_register:
        return "user_register";
    case SecurityEventKind::login:
        return "login";
    case SecurityEventKind::refresh_reuse:
        return "refresh_reuse";
    case SecurityEventKind::logout:
        return "logout";
    case SecurityEventKind::logout_all:
        return "logout_all";
    case SecurityEventKind::logout_others:
        return "logout_others";
    case SecurityEventKind::session_revoke:
        return "session_revoke";
    case SecurityEventKind::session_evict:
        return "session_evict";
    case SecurityEventKind::password_change:
        return "password_change";
    case SecurityEventKind::password_set:
        return "password_set";
    case SecurityEventKind::password_reset_request:
        return "password_reset_request";
    case SecurityEventKind::password_reset:
        return "password_reset";
    case SecurityEventKind::email_verify:
        return "email_verify";
    case SecurityEventKind::user_add:
        return "user_add";
    case SecurityEventKind::user_import:
        return "user_import";
    case SecurityEventKind::user_block:
        return "user_block";
    case SecurityEventKind::user_unblock:
        return "user_unblock";
    case SecurityEventKind::user_roles:
        return "user_roles";
    case SecurityEventKind::user_rename:
        return "user_rename";
    case SecurityEventKind::user_delete:
        return "user_delete";
    case SecurityEventKind::invite_create:
        return "invite_create";
    case SecurityEventKind::apikey_create:
        return "apikey_create";
    case SecurityEventKind::apikey_revoke:
        return "apikey_revoke";
    case SecurityEventKind::passkey_add:
        return "passkey_add";
    case SecurityEventKind::passkey_rename:
        return "passkey_rename";
    case SecurityEventKind::passkey_remove:
        return "passkey_remove";
    case SecurityEventKind::second_factor_add:
        return "second_factor_add";
    case SecurityEventKind::second_factor_remove:
        return "second_factor_remove";
    case SecurityEventKind::recovery_codes_renew:
        return "recovery_codes_renew";
    case SecurityEventKind::recovery_code_use:
        return "recovery_code_use";
    case SecurityEventKind::step_up:
        return "step_up";
    case SecurityEventKind::key_rotate:
        return "key_rotate";
    case SecurityEventKind::key_import:
        return "key_import";
    case SecurityEventKind::store_fence:
        return "store_fence";
    case SecurityEventKind::admin_refused:
        return "admin_refused";
    case SecurityEventKind::admin_act:
        return "admin_act";
    case SecurityEventKind::audit_gap:
        return "audit_gap";
    }
    return "unknown";
}

std::ostream& operator<<(std::ostream& out, SecurityEventKind kind)
{
    return out << to_string(kind);
}

} // namespace gatehouse::auth
