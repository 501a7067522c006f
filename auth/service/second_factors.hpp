#pragma once

#include "auth/service/auth_service.hpp"
#include "auth/tokens/key_seal.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// Authenticator apps and recovery codes (docs/SECOND-FACTOR.md): a part of the auth service, made
/// for one call. What takes a HashPlace belongs on the hash pool, all else on the store pool.
class AuthService::SecondFactors {
public:
    /// `service` outlives it.
    explicit SecondFactors(AuthService& service) noexcept : service_(service) {}

    /// What is in force. Errors: token_revoked.
    [[nodiscard]] Result<SecondFactorState, AuthError> state(const Principal& principal);

    /// Begins to set up an authenticator app. Errors: token_revoked, invalid_fields (no current
    /// password), invalid_credentials, second_factor_active, not_configured, too_many_attempts,
    /// overloaded.
    [[nodiscard]] Result<TotpEnrolment, AuthError> begin_totp(const Principal& principal,
                                                              const Secret& current,
                                                              const Caller& caller,
                                                              HashPlace place);
    /// Puts in force what begin_totp() began, and returns the recovery codes. Errors:
    /// token_revoked, not_found (nothing was begun, or too long ago), invalid_code,
    /// invalid_fields (no code), second_factor_active, not_configured, too_many_attempts.
    [[nodiscard]] Result<std::vector<Secret>, AuthError>
    confirm_totp(const Principal& principal, const Secret& code, const Caller& caller);
    /// Takes it away with the recovery codes. Errors: token_revoked, invalid_fields (no current
    /// password or no code), invalid_credentials, not_found (there is none), invalid_code,
    /// too_many_attempts, overloaded.
    [[nodiscard]] Result<void, AuthError> remove_totp(const Principal& principal,
                                                      const Secret& current, const Secret& code,
                                                      const Caller& caller, HashPlace place);
    /// New recovery codes; the old ones are void. Errors: as remove_totp().
    [[nodiscard]] Result<std::vector<Secret>, AuthError>
    renew_recovery_codes(const Principal& principal, const Secret& current, const Secret& code,
                         const Caller& caller, HashPlace place);

    /// How a login goes on whose proof (`amr`) is not enough for this user; nothing: it is enough.
    [[nodiscard]] Result<std::optional<AuthError::NextStep>, AuthError>
    next_step(const User& user, const std::vector<std::string>& amr) const;
    /// The second half of a login. Errors: login_token_invalid (begin again), invalid_code,
    /// invalid_fields (no code), account_blocked, too_many_sessions, too_many_attempts.
    [[nodiscard]] Result<Grant, AuthError> login_with_code(const CodeLogin& login,
                                                           const Caller& caller);
    /// Makes the session's proof a better one. Of the grant the access token counts; the refresh
    /// token is the session's current one. Errors: token_revoked, not_found (there is no second
    /// factor), invalid_code, invalid_fields (no code), too_many_attempts.
    [[nodiscard]] Result<Grant, AuthError> step_up(const Principal& principal, const Secret& code,
                                                   const Caller& caller);
    /// Spends a code; what is counted of wrong ones is their own. Errors: invalid_code,
    /// too_many_attempts, not_found (the user has no second factor), login_token_invalid (the
    /// ticket, which is used up with the code, was before).
    [[nodiscard]] Result<void, AuthError> judge_code(const User& user, const Secret& code,
                                                     std::string_view session_id,
                                                     const Caller& caller,
                                                     const std::optional<GoodOnce>& ticket = {});

private:
    [[nodiscard]] const config::Settings& settings() const noexcept { return service_.settings_; }

    [[nodiscard]] Rooms& rooms() const noexcept { return service_.rooms_; }

    /// The account as far as half a login depends on it that was proved like this.
    [[nodiscard]] Result<std::string, AuthError>
    standing_after(const User& user, const std::vector<std::string>& amr) const;
    [[nodiscard]] Result<bool, AuthError> still_stands(const LoginClaims& claims);
    [[nodiscard]] Result<LoginSlot, AuthError> take_code_slot(const User& user,
                                                              const Caller& caller) const;
    [[nodiscard]] Result<bool, AuthError>
    spend_recovery_code(const User& user, const Secret& code, std::string_view session_id,
                        const Caller& caller, const std::optional<GoodOnce>& ticket);
    [[nodiscard]] Result<bool, AuthError> spend_totp(const User& user, const SecondFactor& factor,
                                                     const Secret& code,
                                                     const std::optional<GoodOnce>& ticket);
    /// Of an app that is in force, or is being set up. Errors: store_unavailable (it is sealed
    /// under a secret that this process does not have).
    [[nodiscard]] Result<KeySeal::Opened, AuthError> totp_secret(std::string_view user_id,
                                                                 const SecondFactor& factor) const;
    [[nodiscard]] Result<SecondFactor, AuthError> begun_totp(const User& user);
    /// The current password and a code, for what weakens the account.
    [[nodiscard]] Result<User, AuthError> judge_both(const Principal& principal,
                                                     const Secret& current, const Secret& code,
                                                     const Caller& caller, const HashPlace& place);

    AuthService& service_;
};

} // namespace gatehouse::auth
