#pragma once

#include "auth/store/store.hpp"
#include "tests/simulation/database.hpp"
#include "tests/simulation/network.hpp"

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace gatehouse::simulation {

/// The database as one process sees it: every call is a message there and a message back. The
/// caller's fiber waits, and others go on meanwhile. A call may be lost on either way, be answered
/// late or never (then the caller is told `unavailable`, and the write may still happen), or meet a
/// link that is cut.
class RemoteStore final : public auth::Store {
public:
    struct Rooms {
        Scheduler& scheduler;
        Network& network;
        Random& random;
        Database& database;
        Link& link;
        Bug bug;
    };

    /// How long a caller waits for an answer.
    static constexpr Time patience = std::chrono::milliseconds(700);

    explicit RemoteStore(Rooms rooms) : rooms_(rooms) {}

    Result<void, auth::StoreError> create_user(const auth::User& user,
                                               std::optional<std::string_view> invite,
                                               const auth::Deed& deed) override;
    Result<void, auth::StoreError> register_user(const auth::User& user,
                                                 std::optional<std::string_view> invite,
                                                 const auth::Session& session,
                                                 const auth::Deed& deed) override;
    Result<std::optional<auth::User>, auth::StoreError>
    find_user_by_name(std::string_view name) override;
    Result<std::optional<auth::User>, auth::StoreError> find_user(std::string_view id) override;
    Result<std::vector<auth::User>, auth::StoreError> list_users(std::string_view after,
                                                                 std::size_t limit) override;
    Result<bool, auth::StoreError> replace_hash(std::string_view id, std::string_view expected,
                                                std::string_view hash) override;
    Database::Ids set_password(std::string_view id, std::string_view hash, std::string_view keep,
                               const auth::Deed& deed) override;
    Result<void, auth::StoreError> set_roles(std::string_view id,
                                             std::span<const std::string> roles,
                                             const auth::Deed& deed) override;
    Result<auth::User, auth::StoreError> rename_user(std::string_view id,
                                                     const auth::NameChange& change,
                                                     const auth::Deed& deed) override;
    Database::Ids block_user(std::string_view id, const auth::Deed& deed) override;
    Result<void, auth::StoreError> unblock_user(std::string_view id,
                                                const auth::Deed& deed) override;
    Database::Ids delete_user(std::string_view id, const auth::Deed& deed) override;
    Result<void, auth::StoreError> create_invite(std::string_view hash, auth::Seconds expires_at,
                                                 const auth::Deed& deed) override;

    Database::Ids create_session(const auth::Session& session, const Room& room,
                                 const auth::Deed& deed) override;
    Result<std::optional<auth::Session>, auth::StoreError>
    find_session(std::string_view id) override;
    Result<std::vector<auth::Session>, auth::StoreError> list_sessions(std::string_view user,
                                                                       auth::Seconds now) override;
    Result<bool, auth::StoreError> rotate(std::string_view id, auth::Generation from,
                                          const auth::RotationTerms& terms,
                                          auth::Millis now) override;
    Result<std::vector<auth::SeenGeneration>, auth::StoreError>
    mark_seen(std::span<const auth::SeenGeneration> seen) override;
    Result<bool, auth::StoreError> end_session(std::string_view id,
                                               const auth::Deed& deed) override;
    Database::Ids end_sessions_of(std::string_view user, std::string_view keep,
                                  const auth::Deed& deed) override;
    Result<std::uint64_t, auth::StoreError> end_every_session(auth::Millis now) override;
    Result<bool, auth::StoreError> forget_before(auth::Millis before, std::size_t at_most) override;

    Result<std::vector<auth::Change>, auth::StoreError> changes_after(std::uint64_t after,
                                                                      std::size_t limit) override;
    Result<void, auth::StoreError> announce_keys(auth::Millis now) override;
    Result<bool, auth::StoreError> wait_for_changes(std::chrono::milliseconds wait) override;

    void stop_waiting() noexcept override {}

    Result<Standing, auth::StoreError> standing(auth::Millis ended_after) override;

    Result<bool, auth::StoreError> take_lease(std::string_view name, std::string_view holder,
                                              auth::Millis now, auth::Millis until) override;
    Result<void, auth::StoreError> give_up_lease(std::string_view name, std::string_view holder,
                                                 auth::Millis now) override;
    Result<std::vector<Lease>, auth::StoreError> list_leases() override;

    Result<std::optional<Kept>, auth::StoreError> read_keys(std::string_view name) override;
    Result<bool, auth::StoreError> replace_keys(std::string_view name, std::uint64_t expected,
                                                std::string_view bytes, auth::Millis now) override;

    Result<void, auth::StoreError>
    append_audit(std::span<const auth::AuditRecord> records) override;
    Result<std::vector<auth::AuditRecord>, auth::StoreError>
    read_audit(const AuditFilter& filter, const AuditPlace& before, std::size_t limit) override;
    Result<bool, auth::StoreError> forget_audit_before(auth::Millis before,
                                                       std::size_t at_most) override;

    Result<void, auth::StoreError> report(const Entry& entry) override;
    Result<Page, auth::StoreError> replicas() override;
    Result<void, auth::StoreError> strike_out(std::string_view replica,
                                              std::uint64_t beat) override;

    // No actor has an API key.

    Result<void, auth::StoreError> create_api_key(const auth::ApiKey&, const auth::Deed&) override
    {
        return auth::StoreError::unavailable;
    }

    Result<std::optional<auth::ApiKey>, auth::StoreError> find_api_key(std::string_view) override
    {
        return std::optional<auth::ApiKey>();
    }

    Result<std::vector<auth::ApiKey>, auth::StoreError> list_api_keys(std::string_view,
                                                                      std::size_t) override
    {
        return std::vector<auth::ApiKey>();
    }

    Result<std::vector<auth::ApiKey>, auth::StoreError> api_keys_of(std::string_view) override
    {
        return std::vector<auth::ApiKey>();
    }

    Result<bool, auth::StoreError> revoke_api_key(std::string_view, const auth::Deed&) override
    {
        return false;
    }

    Result<void, auth::StoreError> note_api_keys_used(std::span<const std::string>,
                                                      auth::Seconds) override
    {
        return {};
    }

    // Nor a passkey.

    Result<void, auth::StoreError> create_passkey(const auth::Passkey&, std::size_t,
                                                  const auth::Deed&) override
    {
        return auth::StoreError::unavailable;
    }

    Result<std::optional<auth::Passkey>, auth::StoreError> find_passkey(std::string_view) override
    {
        return std::optional<auth::Passkey>();
    }

    Result<std::vector<auth::Passkey>, auth::StoreError> passkeys_of(std::string_view) override
    {
        return std::vector<auth::Passkey>();
    }

    Result<bool, auth::StoreError>
    use_passkey(std::string_view, const auth::passkeys::UsedCredential&, auth::Seconds) override
    {
        return false;
    }

    Result<bool, auth::StoreError> rename_passkey(std::string_view, std::string_view,
                                                  std::string_view, const auth::Deed&) override
    {
        return false;
    }

    Result<Removal, auth::StoreError> delete_passkey(std::string_view, std::string_view,
                                                     const auth::Deed&) override
    {
        return Removal::unknown;
    }

    Result<bool, auth::StoreError> spend(std::string_view, auth::Seconds) override
    {
        return auth::StoreError::unavailable;
    }

    // Nor a second factor.

    Result<bool, auth::StoreError> replace_amr(std::string_view, std::span<const std::string>,
                                               std::span<const std::string>,
                                               const auth::Deed&) override
    {
        return false;
    }

    Result<std::optional<auth::SecondFactor>, auth::StoreError>
    find_second_factor(std::string_view) override
    {
        return std::optional<auth::SecondFactor>();
    }

    Result<void, auth::StoreError> begin_second_factor(std::string_view, std::string_view,
                                                       auth::Seconds) override
    {
        return auth::StoreError::unavailable;
    }

    Result<bool, auth::StoreError> confirm_second_factor(std::string_view, std::string_view,
                                                         auth::TotpStep,
                                                         std::span<const std::string>,
                                                         const auth::Deed&) override
    {
        return false;
    }

    Result<bool, auth::StoreError> use_totp(std::string_view, std::string_view, auth::TotpStep,
                                            std::string_view,
                                            const std::optional<auth::GoodOnce>&) override
    {
        return false;
    }

    Result<bool, auth::StoreError> use_recovery_code(std::string_view, std::string_view,
                                                     const auth::Deed&) override
    {
        return false;
    }

    Result<bool, auth::StoreError> replace_recovery_codes(std::string_view,
                                                          std::span<const std::string>,
                                                          const auth::Deed&) override
    {
        return false;
    }

    Result<bool, auth::StoreError> remove_second_factor(std::string_view,
                                                        const auth::Deed&) override
    {
        return false;
    }

    // Nor are there mails.

    Result<bool, auth::StoreError> queue_mail(const auth::QueuedMail&, std::size_t) override
    {
        return false;
    }

    Result<std::optional<auth::QueuedMail>, auth::StoreError> take_mail(auth::Millis,
                                                                        auth::Millis) override
    {
        return std::optional<auth::QueuedMail>();
    }

    Result<bool, auth::StoreError> put_off_mail(std::string_view, std::uint32_t,
                                                auth::Millis) override
    {
        return false;
    }

    Result<bool, auth::StoreError> remove_mail(std::string_view, std::uint32_t) override
    {
        return false;
    }

    Result<Waiting, auth::StoreError> mails_waiting() override { return Waiting(); }

    Result<void, auth::StoreError> keep_link(const auth::MailedLink&) override
    {
        return auth::StoreError::unavailable;
    }

    Result<std::optional<auth::MailedLink>, auth::StoreError> find_link(std::string_view) override
    {
        return std::optional<auth::MailedLink>();
    }

    Result<std::vector<std::string>, auth::StoreError>
    reset_password(std::string_view, std::string_view, const auth::Deed&) override
    {
        return auth::StoreError::unavailable;
    }

    Result<void, auth::StoreError> verify_email(std::string_view, const auth::Deed&) override
    {
        return auth::StoreError::unavailable;
    }

    /// The sessions that ended by calls of which the answer has arrived, since it was last asked.
    [[nodiscard]] std::vector<std::string> take_ended() { return std::exchange(ended_, {}); }

private:
    enum class Kind { read, write };

    /// `work` owns what it needs: it may run long after its caller went away.
    template <class Work>
    std::invoke_result_t<Work&, Database&> call(Kind kind, Work work);
    /// What a caller that looks at no error is told of the ids.
    [[nodiscard]] Database::Ids as_told(Database::Ids ids) const;

    Rooms rooms_;
    std::uint64_t heard_ = 0; // the newest commit wait_for_changes has told of
    std::vector<std::string> ended_;
};

} // namespace gatehouse::simulation
