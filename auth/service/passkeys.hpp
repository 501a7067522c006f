#pragma once

#include "auth/passkeys/ceremony.hpp"
#include "auth/passkeys/challenge.hpp"
#include "auth/passkeys/json_forms.hpp"
#include "auth/service/auth_service.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// Passkeys (docs/PASSKEYS.md): a part of the auth service, made for one call. All of it belongs on
/// the store pool, and answers not_configured where `passkeys.rp_id` is not set.
///
/// A challenge is used up by the first answer to it, also by one that is refused then: whoever may
/// try again asks for another.
class AuthService::Passkeys {
public:
    /// `service` outlives it.
    explicit Passkeys(AuthService& service) noexcept : service_(service) {}

    /// What the browser is to make for the bearer. Errors: token_revoked, login_too_old,
    /// too_many_passkeys, too_many_attempts.
    [[nodiscard]] Result<passkeys::CreationOptions, AuthError>
    begin_registration(const Principal& principal, const Caller& caller);

    /// Keeps what it made; without a name it gets one. Errors: token_revoked, passkey_invalid,
    /// invalid_fields (the name), too_many_passkeys.
    [[nodiscard]] Result<Passkey, AuthError>
    finish_registration(const Principal& principal, const passkeys::MadeCredential& made,
                        const std::optional<std::string>& name, const Caller& caller);

    struct Whom {
        std::optional<std::string> username;
        std::optional<std::string> email;
    };

    /// What a passkey is to sign. Tells nobody whether there is such an account: a name that nobody
    /// has, or that has no passkeys, gets some that nobody has either, the same every time.
    /// Errors: too_many_attempts.
    [[nodiscard]] Result<passkeys::RequestOptions, AuthError> begin_login(const Whom& whom,
                                                                          const Caller& caller);

    /// Errors: invalid_credentials (whatever was wrong with it), account_blocked,
    /// too_many_sessions, too_many_attempts.
    [[nodiscard]] Result<Grant, AuthError> finish_login(const passkeys::ShownCredential& shown,
                                                        std::optional<SessionDelivery> delivery,
                                                        const Caller& caller);

    /// Oldest first.
    [[nodiscard]] Result<std::vector<Passkey>, AuthError> list(const Principal& principal);
    /// Only own ones. Errors: not_found, invalid_fields.
    [[nodiscard]] Result<Passkey, AuthError> rename(const Principal& principal, std::string_view id,
                                                    const std::string& name, const Caller& caller);
    /// Only own ones, and never the last way in. Errors: not_found, last_way_in.
    [[nodiscard]] Result<void, AuthError> remove(const Principal& principal, std::string_view id,
                                                 const Caller& caller);

private:
    [[nodiscard]] const config::PasskeySettings& settings() const noexcept
    {
        return service_.settings_.passkeys;
    }

    [[nodiscard]] Rooms& rooms() const noexcept { return service_.rooms_; }

    [[nodiscard]] passkeys::Expected expected(std::string challenge) const;
    [[nodiscard]] std::string new_challenge(passkeys::Ceremony ceremony,
                                            std::string_view user_id) const;
    /// The challenge that the answer is to, used up now. Nothing: it was not open.
    [[nodiscard]] Result<std::optional<std::string>, AuthError>
    take_challenge(passkeys::Ceremony ceremony, std::string_view user_id,
                   std::string_view client_data);

    /// A passkey that showed itself to be one, and whose user was there.
    struct Shown {
        Passkey passkey;
        bool user_verified = false;
    };

    /// Nothing: it is refused, and `why` says a word for the log.
    [[nodiscard]] Result<std::optional<Shown>, AuthError>
    judge(const passkeys::ShownCredential& shown, std::string& why, std::string& user_id);
    [[nodiscard]] std::vector<passkeys::CredentialName> decoys_for(std::string_view name) const;
    [[nodiscard]] Result<Grant, AuthError>
    sign_in(const Shown& shown, std::optional<SessionDelivery> delivery, const Caller& caller);

    AuthService& service_;
};

} // namespace gatehouse::auth
