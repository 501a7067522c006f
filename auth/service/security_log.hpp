#pragma once

#include "auth/basics/clock.hpp"

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
    password_set, // by an operator
    user_add,
    user_block,
    user_unblock,
    user_roles,
    user_delete,
    invite_create
};

[[nodiscard]] std::string_view to_string(SecurityEventKind kind) noexcept;
std::ostream& operator<<(std::ostream& out, SecurityEventKind kind);

/// One line of the security log. Never holds a password, a token or an unknown login name (people
/// type passwords there). Views are valid during the call only and may hold control bytes: the
/// writer escapes them.
struct SecurityEvent {
    SecurityEventKind kind{};
    std::string_view outcome; // "ok", or the code that was answered
    std::string_view user_id; // "" when unknown
    std::string_view session_id;
    std::string_view address;
    std::string_view request_id;
    Millis at{};
};

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
