#pragma once

#include "auth/store/store.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <set>

namespace gatehouse::auth {

/// A store that lives and dies with its process: for trying things out and for tests. One mutex
/// makes every call a transaction; what a call changes is visible all at once or not at all.
class MemoryStore : public Store {
public:
    // UserStore: memory_users.cpp
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

    // SessionStore: memory_sessions.cpp
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

    // ChangeFeed: memory_changes.cpp
    Result<std::vector<Change>, StoreError> changes_after(std::uint64_t after,
                                                          std::size_t limit) override;
    Result<void, StoreError> announce_keys(Millis now) override;
    Result<bool, StoreError> wait_for_changes(std::chrono::milliseconds wait) override;
    void stop_waiting() noexcept override;
    Result<Standing, StoreError> standing(Millis ended_after) override;

    // Leases: memory_leases.cpp
    Result<bool, StoreError> take_lease(std::string_view name, std::string_view holder, Millis now,
                                        Millis until) override;
    Result<void, StoreError> give_up_lease(std::string_view name, std::string_view holder,
                                           Millis now) override;
    Result<std::vector<Lease>, StoreError> list_leases() override;

    // KeptKeys: memory_kept_keys.cpp
    Result<std::optional<Kept>, StoreError> read_keys(std::string_view name) override;
    Result<bool, StoreError> replace_keys(std::string_view name, std::uint64_t expected,
                                          std::string_view bytes, Millis now) override;

    // ReplicaBook: memory_replicas.cpp
    Result<void, StoreError> report(const Entry& entry) override;
    Result<Page, StoreError> replicas() override;
    Result<void, StoreError> strike_out(std::string_view replica, std::uint64_t beat) override;

    // AuditTrail: memory_audit.cpp
    Result<void, StoreError> append_audit(std::span<const AuditRecord> records) override;
    Result<std::vector<AuditRecord>, StoreError>
    read_audit(const AuditFilter& filter, const AuditPlace& before, std::size_t limit) override;
    Result<bool, StoreError> forget_audit_before(Millis before, std::size_t at_most) override;

    // ApiKeyStore: memory_api_keys.cpp
    Result<void, StoreError> create_api_key(const ApiKey& key, const Deed& deed) override;
    Result<std::optional<ApiKey>, StoreError> find_api_key(std::string_view id) override;
    Result<std::vector<ApiKey>, StoreError> list_api_keys(std::string_view after,
                                                          std::size_t limit) override;
    Result<std::vector<ApiKey>, StoreError> api_keys_of(std::string_view user_id) override;
    Result<bool, StoreError> revoke_api_key(std::string_view id, const Deed& deed) override;
    Result<void, StoreError> note_api_keys_used(std::span<const std::string> ids,
                                                Seconds at) override;

    // PasskeyStore: memory_passkeys.cpp
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

    // SecondFactorStore: memory_second_factors.cpp
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

    // MailStore: memory_mails.cpp
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
    struct UserRecord {
        User user;
        std::optional<Millis> roles_changed_at;
    };

    struct SessionRecord {
        Session session;
        Millis used_at{};          // login or last rotation
        std::uint64_t arrival = 0; // tells sessions of one instant apart
    };

    template <class Value>
    using ById = std::map<std::string, Value, std::less<>>;

    // All of these expect mutex_ to be held.
    [[nodiscard]] UserRecord* user_of(std::string_view user_id);
    [[nodiscard]] bool is_redeemable(std::string_view invite_hash, Millis now) const;
    [[nodiscard]] bool is_taken(const std::optional<std::string>& folded_name) const;
    /// Operators name an account by its id or by a name.
    [[nodiscard]] bool is_anothers_id(const std::optional<std::string>& username,
                                      std::string_view user_id) const;
    [[nodiscard]] std::vector<SessionRecord*> records_of(std::string_view user_id);
    [[nodiscard]] Result<void, StoreError>
    insert_user(const User& user, std::optional<std::string_view> invite_hash, Millis now);
    void take_names(const User& user);
    void insert_session(const Session& session, Millis now);
    void end(SessionRecord& record, Millis now);
    std::vector<std::string> end_all(std::string_view user_id, std::string_view keep_session,
                                     Millis now);
    void add_change(ChangeKind kind, std::string_view subject, Millis now,
                    std::vector<std::string> roles = {});
    /// Whether the session that asks for the deed, if one does, still lives.
    [[nodiscard]] bool may_ask(const Deed& deed) const;
    void keep_record(const std::optional<AuditRecord>& record);
    void remove_addresses_of(std::string_view user_id);
    [[nodiscard]] ApiKey with_roles(const ApiKey& key);
    void revoke_api_keys_of(std::string_view user_id, Millis now);
    /// Null, unless it is this user's.
    [[nodiscard]] Passkey* passkey_of(std::string_view id, std::string_view user_id);
    /// Null: none is in force.
    [[nodiscard]] SecondFactor* second_factor_in_force(std::string_view user_id);
    void forget_second_factor(std::string_view user_id);
    [[nodiscard]] bool forget_api_keys(Millis before, std::size_t at_most);
    /// Null, unless somebody took it for this time and has it still.
    [[nodiscard]] QueuedMail* mail_taken(std::string_view id, std::uint32_t attempts);
    /// Uses the link up and returns whose it was; null: it opens nothing.
    [[nodiscard]] UserRecord* use_link(std::string_view digest, LinkPurpose purpose, Millis now);

    /// Those of the user for which `is_void` says so.
    template <class IsVoid>
    void void_links(std::string_view user_id, IsVoid is_void)
    {
        std::erase_if(links_, [&](const auto& entry) {
            return entry.second.user_id == user_id && is_void(entry.second);
        });
    }

    std::mutex mutex_;
    ById<UserRecord> users_;
    ById<std::string> names_; // folded name -> user id: one namespace for both kinds of name
    ById<SessionRecord> sessions_;
    std::multimap<std::string, std::string, std::less<>> sessions_by_user_;
    ById<Seconds> invites_; // hash -> expiry; a spent one is gone
    std::deque<Change> changes_;
    std::uint64_t last_sequence_ = 0;
    std::uint64_t arrivals_ = 0;
    ById<Lease> leases_;
    ById<Kept> keys_;
    ById<Entry> replicas_;
    ById<ApiKey> api_keys_;
    ById<Passkey> passkeys_;
    using Digests = std::set<std::string, std::less<>>;
    ById<SecondFactor> second_factors_; // by user; what is left of their codes is below
    ById<Digests> recovery_codes_;      // by user
    ById<Seconds> spent_;               // digest -> when nobody takes it any more
    ById<QueuedMail> mails_;
    ById<MailedLink> links_;        // by digest
    std::deque<AuditRecord> audit_; // in the order of their numbers
    std::uint64_t last_record_ = 0;

    std::condition_variable changed_;
    std::uint64_t announced_sequence_ = 0; // what the last wait_for_changes that said true knew of
    bool waiting_stopped_ = false;
};

} // namespace gatehouse::auth
