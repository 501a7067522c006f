#pragma once

#include "auth/store/session_home.hpp"
#include "auth/store/sqlite/change_watch.hpp"
#include "auth/store/sqlite/readers.hpp"
#include "auth/store/sqlite/writer.hpp"

namespace gatehouse::auth::sqlite {

/// Everything in one file (but for the sessions, where they have another home): WAL,
/// `synchronous=FULL`. What a call answered survives `kill -9` (it is in the kernel) and a power
/// cut (the log was synced before COMMIT came back).
class SqliteStore final : public Store {
public:
    SqliteStore(const std::string& path, Database writing, FileLock lock, StoreRole role,
                WriterLimits limits, std::chrono::milliseconds poll, FailureReport::Say on_failure,
                SessionHome* home);

    // UserStore: sqlite_users.cpp
    Result<void, StoreError> create_user(const User& user,
                                         std::optional<std::string_view> invite_hash,
                                         const Deed& deed) override;
    Result<void, StoreError> register_user(const User& user,
                                           std::optional<std::string_view> invite_hash,
                                           const Session& first_session, const Deed& deed) override;
    Result<std::optional<User>, StoreError>
    find_user_by_name(std::string_view folded_name) override;
    Result<std::optional<User>, StoreError> find_user(std::string_view user_id) override;
    Result<std::vector<User>, StoreError> list_users(std::string_view after,
                                                     std::size_t limit) override;
    Result<bool, StoreError> replace_hash(std::string_view user_id, std::string_view expected,
                                          std::string_view hash) override;
    Result<std::vector<std::string>, StoreError> set_password(std::string_view user_id,
                                                              std::string_view hash,
                                                              std::string_view keep_session,
                                                              const Deed& deed) override;
    Result<void, StoreError> set_roles(std::string_view user_id, std::span<const std::string> roles,
                                       const Deed& deed) override;
    Result<User, StoreError> rename_user(std::string_view user_id, const NameChange& change,
                                         const Deed& deed) override;
    Result<std::vector<std::string>, StoreError> block_user(std::string_view user_id,
                                                            const Deed& deed) override;
    Result<void, StoreError> unblock_user(std::string_view user_id, const Deed& deed) override;
    Result<std::vector<std::string>, StoreError> delete_user(std::string_view user_id,
                                                             const Deed& deed) override;
    Result<void, StoreError> create_invite(std::string_view invite_hash, Seconds expires_at,
                                           const Deed& deed) override;

    // SessionStore: sqlite_sessions.cpp
    Result<std::vector<std::string>, StoreError>
    create_session(const Session& session, const Room& room, const Deed& deed) override;
    Result<std::optional<Session>, StoreError> find_session(std::string_view session_id) override;
    Result<std::vector<Session>, StoreError> list_sessions(std::string_view user_id,
                                                           Seconds now) override;
    Result<bool, StoreError> rotate(std::string_view session_id, Generation from,
                                    const RotationTerms& terms, Millis now) override;
    Result<std::vector<SeenGeneration>, StoreError>
    mark_seen(std::span<const SeenGeneration> seen) override;
    Result<bool, StoreError> replace_amr(std::string_view session_id,
                                         std::span<const std::string> expected,
                                         std::span<const std::string> amr,
                                         const Deed& deed) override;
    Result<bool, StoreError> end_session(std::string_view session_id, const Deed& deed) override;
    Result<std::vector<std::string>, StoreError> end_sessions_of(std::string_view user_id,
                                                                 std::string_view keep_session,
                                                                 const Deed& deed) override;
    Result<std::uint64_t, StoreError> end_every_session(Millis now) override;
    Result<bool, StoreError> forget_before(Millis before, std::size_t at_most) override;

    // ChangeFeed: sqlite_changes.cpp
    Result<std::vector<Change>, StoreError> changes_after(std::uint64_t after,
                                                          std::size_t limit) override;
    Result<void, StoreError> announce_keys(Millis now) override;
    Result<bool, StoreError> wait_for_changes(std::chrono::milliseconds wait) override;
    void stop_waiting() noexcept override;
    Result<Standing, StoreError> standing(Millis ended_after) override;

    // Leases: sqlite_leases.cpp
    Result<bool, StoreError> take_lease(std::string_view name, std::string_view holder, Millis now,
                                        Millis until) override;
    Result<void, StoreError> give_up_lease(std::string_view name, std::string_view holder,
                                           Millis now) override;
    Result<std::vector<Lease>, StoreError> list_leases() override;

    // KeptKeys: sqlite_kept_keys.cpp
    Result<std::optional<Kept>, StoreError> read_keys(std::string_view name) override;
    Result<bool, StoreError> replace_keys(std::string_view name, std::uint64_t expected,
                                          std::string_view bytes, Millis now) override;

    // ReplicaBook: sqlite_replicas.cpp
    Result<void, StoreError> report(const Entry& entry) override;
    Result<Page, StoreError> replicas() override;
    Result<void, StoreError> strike_out(std::string_view replica, std::uint64_t beat) override;

    // AuditTrail: sqlite_audit.cpp
    Result<void, StoreError> append_audit(std::span<const AuditRecord> records) override;
    Result<std::vector<AuditRecord>, StoreError>
    read_audit(const AuditFilter& filter, const AuditPlace& before, std::size_t limit) override;
    Result<bool, StoreError> forget_audit_before(Millis before, std::size_t at_most) override;

    // ApiKeyStore: sqlite_api_keys.cpp
    Result<void, StoreError> create_api_key(const ApiKey& key, const Deed& deed) override;
    Result<std::optional<ApiKey>, StoreError> find_api_key(std::string_view id) override;
    Result<std::vector<ApiKey>, StoreError> list_api_keys(std::string_view after,
                                                          std::size_t limit) override;
    Result<std::vector<ApiKey>, StoreError> api_keys_of(std::string_view user_id) override;
    Result<bool, StoreError> revoke_api_key(std::string_view id, const Deed& deed) override;
    Result<void, StoreError> note_api_keys_used(std::span<const std::string> ids,
                                                Seconds at) override;

    // PasskeyStore: sqlite_passkeys.cpp
    Result<void, StoreError> create_passkey(const Passkey& passkey, std::size_t most,
                                            const Deed& deed) override;
    Result<std::optional<Passkey>, StoreError> find_passkey(std::string_view id) override;
    Result<std::vector<Passkey>, StoreError> passkeys_of(std::string_view user_id) override;
    Result<bool, StoreError> use_passkey(std::string_view id, const passkeys::UsedCredential& used,
                                         Seconds at) override;
    Result<bool, StoreError> rename_passkey(std::string_view id, std::string_view user_id,
                                            std::string_view name, const Deed& deed) override;
    Result<Removal, StoreError> delete_passkey(std::string_view id, std::string_view user_id,
                                               const Deed& deed) override;
    Result<bool, StoreError> spend(std::string_view digest, Seconds expires_at) override;

    // SecondFactorStore: sqlite_second_factors.cpp
    Result<std::optional<SecondFactor>, StoreError>
    find_second_factor(std::string_view user_id) override;
    Result<void, StoreError> begin_second_factor(std::string_view user_id, std::string_view sealed,
                                                 Seconds now) override;
    Result<bool, StoreError> confirm_second_factor(std::string_view user_id,
                                                   std::string_view sealed, TotpStep step,
                                                   std::span<const std::string> code_digests,
                                                   const Deed& deed) override;
    Result<bool, StoreError> use_totp(std::string_view user_id, std::string_view sealed,
                                      TotpStep step, std::string_view resealed,
                                      const std::optional<GoodOnce>& ticket) override;
    Result<bool, StoreError> use_recovery_code(std::string_view user_id, std::string_view digest,
                                               const Deed& deed) override;
    Result<bool, StoreError> replace_recovery_codes(std::string_view user_id,
                                                    std::span<const std::string> code_digests,
                                                    const Deed& deed) override;
    Result<bool, StoreError> remove_second_factor(std::string_view user_id,
                                                  const Deed& deed) override;

    // MailStore: sqlite_mails.cpp
    Result<bool, StoreError> queue_mail(const QueuedMail& mail, std::size_t most) override;
    Result<std::optional<QueuedMail>, StoreError> take_mail(Millis now, Millis until) override;
    Result<bool, StoreError> put_off_mail(std::string_view id, std::uint32_t attempts,
                                          Millis next_try) override;
    Result<bool, StoreError> remove_mail(std::string_view id, std::uint32_t attempts) override;
    Result<Waiting, StoreError> mails_waiting() override;
    Result<void, StoreError> keep_link(const MailedLink& link) override;
    Result<std::optional<MailedLink>, StoreError> find_link(std::string_view digest) override;
    Result<std::vector<std::string>, StoreError>
    reset_password(std::string_view digest, std::string_view hash, const Deed& deed) override;
    Result<void, StoreError> verify_email(std::string_view digest, const Deed& deed) override;

private:
    [[nodiscard]] Result<std::uint64_t, StoreError> end_every_row(Millis now);
    /// Returns `ended` and those beside.
    [[nodiscard]] Result<std::uint64_t, StoreError> end_every_one_elsewhere(std::uint64_t ended,
                                                                            Millis now);

    SessionHome* const home_; // where sessions are, if not here
    FailureReport failures_;
    Readers readers_;
    ChangeWatch watch_;
    Writer writer_;
};

} // namespace gatehouse::auth::sqlite
