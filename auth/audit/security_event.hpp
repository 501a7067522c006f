#pragma once

#include "auth/basics/clock.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string_view>

namespace gatehouse::auth {

/// What somebody tried to do with an account or a session.
enum class SecurityEventKind : std::uint8_t {
    user_register,
    login,
    refresh_reuse, // an old refresh token came back: a straggler or a theft
    logout,
    logout_all,
    logout_others,
    session_revoke,
    session_evict, // pushed out by a newer login
    password_change,
    password_set,           // by an operator
    password_reset_request, // a link was asked for, and somebody has the address
    password_reset,         // by such a link
    email_verify,
    user_add,
    user_import, // with the id and the password of another system
    user_block,
    user_unblock,
    user_roles,
    user_rename,
    user_delete,
    invite_create,
    apikey_create,
    apikey_revoke,
    passkey_add,
    passkey_rename,
    passkey_remove,
    second_factor_add,
    second_factor_remove,
    recovery_codes_renew,
    recovery_code_use,
    step_up, // a session shows a code, and its proof is a better one
    key_rotate,
    key_import,    // a key that others made became ours
    store_fence,   // after a restore every session ended
    admin_refused, // somebody came to the admin API without its credential
    admin_act,     // something of the gateway itself was done through it: the detail says what
    audit_gap      // refusals came too fast, or the store was away for too long: some were not kept
};

/// All of them.
inline constexpr auto security_event_kinds = [] {
    std::array<SecurityEventKind, static_cast<std::size_t>(SecurityEventKind::audit_gap) + 1> all{};
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<SecurityEventKind>(i);
    return all;
}();

[[nodiscard]] std::string_view to_string(SecurityEventKind kind) noexcept;
std::ostream& operator<<(std::ostream& out, SecurityEventKind kind);

/// What happened. Never holds a password, a token or an unknown login name (people type passwords
/// there). Views are valid during the call only and may hold control bytes: whoever writes them
/// takes care of that.
struct SecurityEvent {
    SecurityEventKind kind{};
    std::string_view outcome; // "ok", or the code that was answered
    std::string_view user_id; // "" when unknown
    std::string_view session_id;
    std::string_view address;
    std::string_view request_id;
    Millis at{};
    std::string_view detail{}; // the new roles, how many
    bool is_in_store = false;  // the audit record was written with what it tells of
};

/// An event that is about no user and that no client asked for.
[[nodiscard]] inline SecurityEvent event_of_house(SecurityEventKind kind, std::string_view outcome,
                                                  Millis at, std::string_view detail = {})
{
    SecurityEvent event;
    event.kind = kind;
    event.outcome = outcome;
    event.at = at;
    event.detail = detail;
    return event;
}

/// Where such events go. Called from many threads; never blocks for long and never throws.
class SecurityLog {
public:
    virtual ~SecurityLog() = default;
    virtual void record(const SecurityEvent& event) noexcept = 0;
};

/// For commands and tests that keep no log.
class NoSecurityLog final : public SecurityLog {
public:
    void record(const SecurityEvent&) noexcept override {}
};

} // namespace gatehouse::auth
