#pragma once

#include "auth/store/store_error.hpp"
#include "auth/throttle/login_throttle.hpp"
#include "config/basics/secret.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// What is wrong with one member of a request; `message` is a sentence for the person.
struct FieldProblem {
    std::string name;
    std::string message;

    friend bool operator==(const FieldProblem&, const FieldProblem&) = default;
};

/// Why an auth call was refused. Every kind is one code of docs/API.md, with the same name.
struct AuthError {
    enum class Kind : std::uint8_t {
        token_revoked, // the bearer's session ended meanwhile, or its user is gone
        invalid_credentials,
        account_blocked,
        login_too_old, // for what wants a fresh one
        email_unverified,
        link_invalid,        // unknown, used, too old, or not theirs any more
        registration_closed, // also a missing, wrong or spent invite
        too_many_sessions,
        passkey_invalid, // what a browser answered is not what was asked for
        too_many_passkeys,
        refresh_token_invalid,
        refresh_token_expired,
        refresh_token_revoked,
        refresh_token_reused,
        second_factor_required, // all was right so far; see AuthError::next
        invalid_code,
        login_token_invalid,
        not_found,
        name_taken,
        last_way_in,          // nobody could sign in to the account any more
        second_factor_active, // one is in force already
        invalid_fields,
        too_many_attempts,
        not_configured,
        store_unavailable,
        overloaded
    };

    /// How a login goes on for which a code is needed.
    struct NextStep {
        Secret login_token;
        std::chrono::seconds life{};
        bool has_recovery_codes = false;
    };

    Kind kind = Kind::store_unavailable;
    /// For Retry-After; 0: none.
    std::chrono::seconds retry_after{};
    /// With invalid_fields.
    std::vector<FieldProblem> fields;
    /// The session named by the refresh token is over: a cookie that carried it is cleared.
    bool session_over = false;
    /// With invalid_credentials: no account has the name. For contracts that tell so, not for logs.
    bool nobody = false;
    /// With second_factor_required.
    std::optional<NextStep> next{};

    AuthError() = default;

    // NOLINTNEXTLINE(google-explicit-constructor): a kind is an error
    AuthError(Kind k) : kind(k) {}

    AuthError(Kind k, std::chrono::seconds retry) : kind(k), retry_after(retry) {}

    explicit AuthError(std::vector<FieldProblem> problems)
        : kind(Kind::invalid_fields),
          fields(std::move(problems))
    {
    }

    [[nodiscard]] static AuthError over(Kind k)
    {
        AuthError error(k);
        error.session_over = true;
        return error;
    }
};

/// What a store's answer means for the caller of the auth API.
[[nodiscard]] AuthError to_auth_error(StoreError error);
[[nodiscard]] AuthError to_auth_error(const NotAdmitted& why);

/// The code as clients see it.
[[nodiscard]] std::string_view to_string(AuthError::Kind kind) noexcept;
std::ostream& operator<<(std::ostream& out, AuthError::Kind kind);
std::ostream& operator<<(std::ostream& out, const AuthError& error);

} // namespace gatehouse::auth
