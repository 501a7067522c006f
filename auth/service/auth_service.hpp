#pragma once

#include "auth/accounts/password_hasher.hpp"
#include "auth/apikeys/api_key_table.hpp"
#include "auth/audit/security_event.hpp"
#include "auth/basics/clock.hpp"
#include "auth/mail/mail_desk.hpp"
#include "auth/revocation/revocation_table.hpp"
#include "auth/service/auth_error.hpp"
#include "auth/service/requests.hpp"
#include "auth/service/second_factor_seal.hpp"
#include "auth/sessions/lifetime.hpp"
#include "auth/sessions/seen_pairs.hpp"
#include "auth/store/store.hpp"
#include "auth/throttle/login_throttle.hpp"
#include "auth/tokens/claims.hpp"
#include "auth/tokens/key_keeper.hpp"
#include "auth/tokens/principal.hpp"
#include "auth/tokens/token_issuer.hpp"
#include "auth/tokens/token_verifier.hpp"
#include "config/basics/result.hpp"
#include "config/settings/settings.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// Accounts, logins and sessions: what the auth API does, without HTTP. Calls block (on the store,
/// and where a HashPlace is asked for on hashing) and are safe from any thread.
///
/// Whatever ends a session or blocks a user is in the RevocationTable when the call returns.
/// Every call may also answer store_unavailable. A `Principal` is what the Authenticator made of a
/// bearer token on this very request.
class AuthService {
public:
    /// All of them outlive the service.
    struct Rooms {
        Store& store;
        KeyKeeper& keys;
        RevocationTable& revocations;
        PasswordHasher& hasher;
        LoginThrottle& throttle;
        const Clock& clock;
        SecurityLog& log;
        /// Where this process knows API keys; null: it has none.
        ApiKeyTable* api_keys = nullptr;
        /// Null where nobody watches which pairs are in use.
        const SeenPairs* seen = nullptr;
        /// Null: nobody can set up an authenticator app, and codes of one cannot be judged.
        const SecondFactorSeal* second_factor_seal = nullptr;
        /// Null where no mail is ever sent.
        MailDesk* mails = nullptr;
    };

    AuthService(Rooms rooms, const config::Settings& settings);

    /// Take one on arrival, before the call waits for a thread of the hash pool, and hand it over
    /// to the call. Nothing: the answer is `overloaded`.
    [[nodiscard]] std::optional<HashPlace> enter_hash_queue() { return rooms_.hasher.enter(); }

    // --- On the hash pool -------------------------------------------------------------------

    /// Errors: registration_closed, invalid_fields, too_many_attempts, name_taken, overloaded,
    /// email_unverified (the account is there, and has to verify its address first).
    [[nodiscard]] Result<Grant, AuthError> register_user(const Registration& registration,
                                                         const Caller& caller, HashPlace place);

    /// Errors: invalid_fields (no name or no password at all), invalid_credentials,
    /// account_blocked, too_many_sessions, too_many_attempts, overloaded, second_factor_required
    /// (with the next step: all was right, and a code is needed).
    [[nodiscard]] Result<Grant, AuthError> login(const Credentials& credentials,
                                                 const Caller& caller, HashPlace place);

    /// Ends every other session. Errors: token_revoked, invalid_credentials (the current
    /// password), invalid_fields, too_many_attempts, overloaded.
    [[nodiscard]] Result<void, AuthError> change_password(const Principal& principal,
                                                          const Secret& current,
                                                          const Secret& fresh, const Caller& caller,
                                                          HashPlace place);

    /// The profile as it is now; without a difference nothing is judged and nothing happens.
    /// Errors: token_revoked, invalid_fields (also no current password, or no code where another
    /// address needs one), invalid_credentials, invalid_code, name_taken, too_many_attempts,
    /// overloaded.
    [[nodiscard]] Result<Profile, AuthError> change_names(const Principal& principal,
                                                          const OtherNames& names,
                                                          const Caller& caller, HashPlace place);

    /// Ends every session; of the user only the id is left, in the audit. Errors: token_revoked,
    /// invalid_fields (no current password), invalid_credentials, too_many_attempts, overloaded.
    [[nodiscard]] Result<void, AuthError> delete_account(const Principal& principal,
                                                         const Secret& current,
                                                         const Caller& caller, HashPlace place);

    /// Sets the password of whoever got this link, ends every session, and returns whose it was.
    /// Errors: link_invalid, invalid_fields, overloaded.
    [[nodiscard]] Result<std::string, AuthError>
    reset_password(const Secret& token, const Secret& fresh, const Caller& caller, HashPlace place);

    // --- On the caller's thread: no store, a few microseconds ---------------------------------

    /// What a refresh token says, if it is ours and has not expired. Overlapping refreshes of the
    /// same session and generation may share one call of refresh().
    /// Errors: refresh_token_invalid, refresh_token_expired.
    [[nodiscard]] Result<RefreshClaims, AuthError>
    check_refresh_token(std::string_view token) const;
    /// The same for logout, where an expired token is as good. Errors: refresh_token_invalid.
    [[nodiscard]] Result<RefreshClaims, AuthError> check_logout_token(std::string_view token) const;

    /// What an access token says, whether or not its session lives. Errors: as TokenVerifier's.
    [[nodiscard]] Result<AccessClaims, TokenError> check_access_token(std::string_view token) const;

    // --- On the store pool ------------------------------------------------------------------

    /// Errors: refresh_token_expired, refresh_token_revoked, refresh_token_reused.
    [[nodiscard]] Result<Grant, AuthError> refresh(const RefreshClaims& token,
                                                   const Caller& caller);

    /// Whether refresh() would make a new pair of it now.
    [[nodiscard]] Result<bool, AuthError> would_refresh(const RefreshClaims& token);

    /// Ends the session a refresh token belongs to, whatever its generation; ended is fine.
    [[nodiscard]] Result<void, AuthError> logout(const RefreshClaims& token, const Caller& caller);
    /// Ends the bearer's session.
    [[nodiscard]] Result<void, AuthError> logout(const Principal& principal, const Caller& caller);
    [[nodiscard]] Result<void, AuthError> logout_all(const Principal& principal,
                                                     const Caller& caller);
    [[nodiscard]] Result<void, AuthError> logout_others(const Principal& principal,
                                                        const Caller& caller);

    /// Whether mails are sent at all.
    [[nodiscard]] bool sends_mails() const noexcept;

    /// The same for every address, whether or not somebody has it: the mail is made later, on a
    /// thread that nobody waits for. Errors: not_configured, invalid_fields, too_many_attempts,
    /// overloaded.
    [[nodiscard]] Result<void, AuthError> forgot_password(std::string_view address,
                                                          const Caller& caller);
    /// Errors: not_configured, token_revoked, too_many_attempts, overloaded.
    [[nodiscard]] Result<void, AuthError> send_verification(const Principal& principal,
                                                            const Caller& caller);
    /// Whether reset_password() is worth a hash. Errors: link_invalid.
    [[nodiscard]] Result<void, AuthError> check_reset_link(const Secret& token,
                                                           const Caller& caller);
    /// Returns whose address it is. Errors: link_invalid.
    [[nodiscard]] Result<std::string, AuthError> verify_email(const Secret& token,
                                                              const Caller& caller);

    /// Errors: token_revoked (the account is gone).
    [[nodiscard]] Result<Profile, AuthError> me(const Principal& principal);

    /// Everything that is kept about the user and may be told. Errors: token_revoked.
    [[nodiscard]] Result<AccountCopy, AuthError> copy_account(const Principal& principal);

    [[nodiscard]] Result<std::vector<SessionSummary>, AuthError>
    list_sessions(const Principal& principal);
    /// Only own sessions. Errors: not_found.
    [[nodiscard]] Result<void, AuthError>
    revoke_session(const Principal& principal, std::string_view session_id, const Caller& caller);

    /// Own keys that are good, oldest first.
    [[nodiscard]] Result<std::vector<ApiKey>, AuthError> list_api_keys(const Principal& principal);
    /// Only own keys. Errors: not_found (also one that was revoked).
    [[nodiscard]] Result<void, AuthError> revoke_api_key(const Principal& principal,
                                                         std::string_view id, const Caller& caller);
    /// Revokes the key that the principal came with; revoked is fine.
    [[nodiscard]] Result<void, AuthError> revoke_own_api_key(const Principal& principal,
                                                             const Caller& caller);

    /// Signing in with a passkey, and one's own passkeys: auth/service/passkeys.hpp.
    class Passkeys;
    /// Authenticator apps, and logins with a code of one: auth/service/second_factors.hpp.
    class SecondFactors;

private:
    struct FoundUser;
    struct Proof;

    /// What every login ends in, whatever proved who it is. Errors: invalid_credentials (the
    /// account went away meanwhile, or the proof holds no more), account_blocked,
    /// email_unverified, too_many_sessions, second_factor_required (the proof is one factor, and
    /// the user wants two).
    [[nodiscard]] Result<Grant, AuthError> sign_in(const User& user, const Proof& proof,
                                                   std::optional<SessionDelivery> delivery,
                                                   const Caller& caller);
    [[nodiscard]] Result<Grant, AuthError> start_session(const User& user, const Proof& proof,
                                                         std::optional<SessionDelivery> delivery,
                                                         const Caller& caller);
    /// A login of this moment, not stored yet.
    [[nodiscard]] Session new_session(const User& user, std::vector<std::string> amr,
                                      std::optional<SessionDelivery> delivery,
                                      const Caller& caller) const;

    [[nodiscard]] AuthError register_without_session(const User& user,
                                                     const std::optional<std::string>& invite,
                                                     const Caller& caller);

    /// What the contract has access tokens say besides, as JSON.
    [[nodiscard]] std::string more_claims(const Profile& user) const;
    [[nodiscard]] Grant grant(const User& user, const Session& session, Seconds now) const;
    /// What the browser of a login is to be known by from now on.
    void leave_device_cookie(Grant& grant) const;
    /// The browser, if it is known for a login of this very user.
    [[nodiscard]] std::optional<std::string> known_device(const FoundUser& found,
                                                          const Caller& caller) const;

    [[nodiscard]] SessionTerms terms() const { return {settings_.tokens, settings_.sessions}; }

    /// The bearer's account. Errors: token_revoked (blocked or gone).
    [[nodiscard]] Result<User, AuthError> own_user(const Principal& principal);
    /// Errors: invalid_credentials, too_many_attempts, overloaded.
    [[nodiscard]] Result<void, AuthError> judge_own_password(const User& user,
                                                             const Secret& password,
                                                             const Caller& caller,
                                                             const HashPlace& place);
    [[nodiscard]] Result<bool, AuthError> is_code_needed(const User& user, const User& wanted);
    [[nodiscard]] Result<void, AuthError>
    judge_renaming(const Principal& principal, const User& user, const User& wanted,
                   const OtherNames& names, const Caller& caller, const HashPlace& place);
    /// Errors: token_revoked, store_unavailable.
    [[nodiscard]] Result<void, AuthError> still_signed_in(const Principal& principal);

    [[nodiscard]] Result<FoundUser, AuthError> find_for_login(const Credentials& credentials);
    /// Throttled; gives the slot back where no password was judged.
    [[nodiscard]] Result<bool, AuthError> judge_password(const FoundUser& found,
                                                         const Secret& password,
                                                         const Caller& caller,
                                                         const HashPlace& place);
    /// The hash the account has afterwards.
    [[nodiscard]] std::string rehash_if_needed(const User& user, const Secret& password,
                                               const HashPlace& place);
    [[nodiscard]] Result<std::optional<std::string>, AuthError>
    hash_that_opens(const User& user, const Secret& password, const HashPlace& place);
    [[nodiscard]] Result<bool, AuthError>
    password_still_opens(const User& user, const Secret& password, const HashPlace& place);

    [[nodiscard]] Result<std::optional<Grant>, AuthError> try_refresh(const RefreshClaims& token,
                                                                      const Caller& caller);
    [[nodiscard]] Result<std::optional<Grant>, AuthError>
    rotate(const User& user, const Session& session, const Caller& caller, Millis now);
    /// The newest generation whose pair this process saw in use, as far as the store may not know.
    [[nodiscard]] Generation newest_used_here(std::string_view session_id) const;
    [[nodiscard]] AuthError end_stolen(const Session& session, const Caller& caller);

    [[nodiscard]] Result<void, AuthError> end_one(std::string_view session_id,
                                                  std::string_view user_id, const Caller& caller,
                                                  SecurityEventKind kind);
    enum class Asking : std::uint8_t { ends, stays };
    /// Ends all sessions of the user; `asking`, for which it is done, ends too or stays.
    [[nodiscard]] Result<void, AuthError> end_all(std::string_view user_id, std::string_view asking,
                                                  Asking fate, const Caller& caller,
                                                  SecurityEventKind kind);
    void refuse_from_now_on(std::span<const std::string> session_ids);

    /// Leaves a mail to be sent; to the user's address, unless another one is named. false: there
    /// is no room.
    bool leave_mail(MailKind kind, std::string_view user_id, const Caller& caller,
                    std::string address = {}) const;
    /// Tells the old address, and asks the new one, after a change of names.
    void mail_about_names(const User& before, const User& after, const Caller& caller) const;
    [[nodiscard]] Result<void, AuthError> admit_mail(const Caller& caller);
    [[nodiscard]] Result<MailedLink, AuthError> find_link(const Secret& token, LinkPurpose purpose);
    /// By require_verified_email.
    [[nodiscard]] bool is_kept_out(const User& user) const;

    /// What is done now, with the record that becomes durable together with it.
    [[nodiscard]] Deed deed(SecurityEventKind kind, std::string_view user_id,
                            std::string_view session_id, const Caller& caller,
                            std::string_view detail = {}) const;
    /// The same of what users do to their account: the store does it while their session lives.
    [[nodiscard]] Deed own_deed(SecurityEventKind kind, const Principal& principal,
                                const Caller& caller, std::string_view detail = {}) const;

    /// Tells of what was done, with a deed of the same kind.
    void note_done(SecurityEventKind kind, std::string_view user_id, std::string_view session_id,
                   const Caller& caller, std::string_view detail = {}) const;
    void note_refused(SecurityEventKind kind, std::string_view outcome, std::string_view user_id,
                      std::string_view session_id, const Caller& caller,
                      std::string_view detail = {}) const;

    Rooms rooms_;
    const config::Settings& settings_;
    TokenIssuer issuer_;
    TokenVerifier verifier_;
};

} // namespace gatehouse::auth
