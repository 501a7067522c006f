#pragma once

#include "auth/accounts/user.hpp"
#include "auth/audit/audit_record.hpp"
#include "auth/sessions/session.hpp"
#include "auth/store/api_keys.hpp"
#include "auth/store/audit_trail.hpp"
#include "auth/store/change.hpp"
#include "auth/store/kept_keys.hpp"
#include "auth/store/leases.hpp"
#include "auth/store/mails.hpp"
#include "auth/store/passkeys.hpp"
#include "auth/store/replica_book.hpp"
#include "auth/store/second_factors.hpp"
#include "auth/store/shared_states.hpp"
#include "auth/store/store_error.hpp"
#include "config/basics/result.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::auth {

/// Accounts. Every call is one transaction, durable before it returns, and safe from any thread;
/// calls block, but never for ever: after about a second they answer `unavailable`. Writes that end
/// sessions do so here, in the same transaction, and return the ids of the sessions they ended, so
/// that the caller can refuse them before it answers. A deed's record is written in that
/// transaction too, where there is one and the call changed something.
class UserStore {
public:
    virtual ~UserStore() = default;

    /// Errors: invite_invalid (invite_hash given and not redeemable; judged first, so that names
    /// cannot be tried without one), name_taken (either name, or the id; or the username is
    /// another's id). The invite is spent in the same transaction, and only if the user came into
    /// being.
    [[nodiscard]] virtual Result<void, StoreError>
    create_user(const User& user, std::optional<std::string_view> invite_hash,
                const Deed& deed) = 0;
    /// The same together with the user's first session: both or neither. Same errors.
    [[nodiscard]] virtual Result<void, StoreError>
    register_user(const User& user, std::optional<std::string_view> invite_hash,
                  const Session& first_session, const Deed& deed) = 0;

    [[nodiscard]] virtual Result<std::optional<User>, StoreError>
    find_user_by_name(std::string_view folded_name) = 0;
    [[nodiscard]] virtual Result<std::optional<User>, StoreError>
    find_user(std::string_view user_id) = 0;
    /// In order of creation, then id; `after` is the last id of the previous page or "".
    /// Errors: not_found (`after` was deleted meanwhile: begin again).
    [[nodiscard]] virtual Result<std::vector<User>, StoreError> list_users(std::string_view after,
                                                                           std::size_t limit) = 0;

    /// Replaces the hash only if it is still `expected` (rehash at login must not undo a change).
    /// false: it is not, or there is no such user.
    [[nodiscard]] virtual Result<bool, StoreError>
    replace_hash(std::string_view user_id, std::string_view expected, std::string_view hash) = 0;
    // The calls below answer not_found when there is no such user.

    /// Sets the password, ends every session of the user but `keep_session` ("" keeps none), and
    /// voids the link by which the password could be set. Errors: password_changed (since the
    /// deed's asker proved it).
    [[nodiscard]] virtual Result<std::vector<std::string>, StoreError>
    set_password(std::string_view user_id, std::string_view hash, std::string_view keep_session,
                 const Deed& deed) = 0;
    [[nodiscard]] virtual Result<void, StoreError>
    set_roles(std::string_view user_id, std::span<const std::string> roles, const Deed& deed) = 0;
    /// Gives the user other names and frees those that were given up; returns the user as it is
    /// now. Another address has not been verified, and links that went to the old one are void.
    /// Errors: name_taken (by another user; or a new username is another's id; or no name would be
    /// left, since the other one was given up meanwhile).
    [[nodiscard]] virtual Result<User, StoreError>
    rename_user(std::string_view user_id, const NameChange& change, const Deed& deed) = 0;
    /// Ends all sessions and revokes all API keys. Blocking twice is fine.
    [[nodiscard]] virtual Result<std::vector<std::string>, StoreError>
    block_user(std::string_view user_id, const Deed& deed) = 0;
    /// Revives no session and no API key.
    [[nodiscard]] virtual Result<void, StoreError> unblock_user(std::string_view user_id,
                                                                const Deed& deed) = 0;
    /// Ends all sessions, removes API keys, passkeys and the second factor, and frees the names.
    /// The user's audit records keep the id and lose the addresses.
    [[nodiscard]] virtual Result<std::vector<std::string>, StoreError>
    delete_user(std::string_view user_id, const Deed& deed) = 0;

    /// An invite is stored as a hash, redeemable once before `expires_at`.
    [[nodiscard]] virtual Result<void, StoreError>
    create_invite(std::string_view invite_hash, Seconds expires_at, const Deed& deed) = 0;
};

/// The terms of one rotation: what the new generation carries.
struct RotationTerms {
    Seconds issued_at{};
    Seconds expires_at{};
    std::string_view address;
    std::string_view user_agent;
    /// Somebody will notice when the new pair is used: the generation becomes the `unseen` one.
    bool watched = false;
    /// So many superseded generations stay behind, this one with them; at least 1.
    std::uint32_t kept = superseded_limit;
};

/// Sessions. The same promises as UserStore.
class SessionStore {
public:
    virtual ~SessionStore() = default;

    /// What a new session does to the user's other live ones (not ended, not expired): with
    /// `max_per_user` > 0 either the least recently used are ended, or too_many_sessions is the
    /// answer.
    struct Room {
        std::uint32_t max_per_user = 0;
        bool evict_oldest = true;
    };

    /// Returns the ids of the sessions that were evicted. Errors: blocked, not_found (the user),
    /// too_many_sessions. An id that was ever used is refused as unavailable: it revives nothing.
    /// Each eviction has a record of its own.
    [[nodiscard]] virtual Result<std::vector<std::string>, StoreError>
    create_session(const Session& session, const Room& room, const Deed& deed) = 0;

    static constexpr std::uint64_t restore_gap = 1'000'000'000;

    /// Ended and expired ones too, until they are forgotten.
    [[nodiscard]] virtual Result<std::optional<Session>, StoreError>
    find_session(std::string_view session_id) = 0;
    /// Live sessions only, newest login first.
    [[nodiscard]] virtual Result<std::vector<Session>, StoreError>
    list_sessions(std::string_view user_id, Seconds now) = 0;

    /// One conditional write: generation `from` becomes from+1 only if the session's current
    /// generation is `from`, it is not ended, not expired at `now`, and its user is not blocked.
    /// `from` joins `superseded`. true: this call did it; false: nothing was changed.
    [[nodiscard]] virtual Result<bool, StoreError> rotate(std::string_view session_id,
                                                          Generation from,
                                                          const RotationTerms& terms,
                                                          Millis now) = 0;

    /// Conditional writes: `unseen` is cleared where it still is that generation and the session
    /// has not ended. Returns those that somebody else worked on just then: they are to be told
    /// again. Need not be durable: what is lost is a use that was not seen.
    [[nodiscard]] virtual Result<std::vector<SeenGeneration>, StoreError>
    mark_seen(std::span<const SeenGeneration> seen) = 0;

    /// One conditional write: how the session's user proved to be it becomes `amr`, only if it
    /// still is `expected` and the session is live at the deed's time. false: nothing was changed.
    [[nodiscard]] virtual Result<bool, StoreError>
    replace_amr(std::string_view session_id, std::span<const std::string> expected,
                std::span<const std::string> amr, const Deed& deed) = 0;

    /// true: it had not ended and is ended now, also when its refresh token had expired (an access
    /// token may outlive that). An unknown or ended session is not an error.
    [[nodiscard]] virtual Result<bool, StoreError> end_session(std::string_view session_id,
                                                               const Deed& deed) = 0;
    /// Ends every session of the user that has not ended but `keep_session` ("" keeps none).
    [[nodiscard]] virtual Result<std::vector<std::string>, StoreError>
    end_sessions_of(std::string_view user_id, std::string_view keep_session, const Deed& deed) = 0;

    /// Ends every session there is, for a store that came back from a backup: a token that was
    /// spent since would be good again there. Returns how many. Done in pieces: after an error some
    /// have ended, and the next call ends the others. The feed goes on `restore_gap` further, past
    /// whatever number a process had come to that goes on through the restore.
    [[nodiscard]] virtual Result<std::uint64_t, StoreError> end_every_session(Millis now) = 0;

    /// Forgets sessions that ended or expired before `before`, API keys that were revoked or
    /// expired before it, invites, links and mails that expired before it, what was spent and would
    /// have expired before it, and changes older than that: at most so many of each, in one
    /// transaction, so that others get their turn in between. true: there may be more. `before`
    /// lies at least one access token's life in the past.
    [[nodiscard]] virtual Result<bool, StoreError> forget_before(Millis before,
                                                                 std::size_t at_most) = 0;
};

/// What one process tells the others.
class ChangeFeed {
public:
    virtual ~ChangeFeed() = default;

    /// Changes with sequence > `after`, in order, at most `limit`. Errors: not_found (numbers from
    /// before mean nothing here any more: begin again with the standing).
    [[nodiscard]] virtual Result<std::vector<Change>, StoreError>
    changes_after(std::uint64_t after, std::size_t limit) = 0;
    /// Blocks until something was committed that the last call which said true did not know of, or
    /// `wait` is over. true: look again. One thread at a time waits.
    [[nodiscard]] virtual Result<bool, StoreError>
    wait_for_changes(std::chrono::milliseconds wait) = 0;
    /// Makes a running wait_for_changes, and every later one, answer false at once.
    virtual void stop_waiting() noexcept = 0;

    /// What a starting process must refuse: sessions ended after `ended_after`, blocked users, and
    /// the sequence this view is complete to. Read in one snapshot.
    struct Standing {
        std::vector<std::string> ended_sessions;
        std::vector<std::string> blocked_users;
        /// Users whose roles changed after `ended_after`: id and new roles.
        std::vector<std::pair<std::string, std::vector<std::string>>> changed_roles;
        std::uint64_t sequence = 0;
    };

    [[nodiscard]] virtual Result<Standing, StoreError> standing(Millis ended_after) = 0;

    /// These had ended, and a feed that began anew does not know it: what may have come back to
    /// life ends again, and all of them are told again. A feed that loses nothing is never asked.
    [[nodiscard]] virtual Result<void, StoreError>
    end_again(std::span<const std::string> /*session_ids*/, Millis /*now*/)
    {
        return {};
    }
};

/// The only change that no other store call makes: new keys, kept elsewhere.
class KeyNews {
public:
    virtual ~KeyNews() = default;

    [[nodiscard]] virtual Result<void, StoreError> announce_keys(Millis now) = 0;
};

/// A store that keeps everything in one place (memory, SQLite, PostgreSQL).
class Store : public UserStore,
              public SessionStore,
              public ChangeFeed,
              public KeyNews,
              public Leases,
              public KeptKeys,
              public ReplicaBook,
              public AuditTrail,
              public ApiKeyStore,
              public PasskeyStore,
              public SecondFactorStore,
              public MailStore {
public:
    /// Null where one process serves: its own memory is quicker, and as good.
    [[nodiscard]] virtual SharedStates* shared_states() noexcept { return nullptr; }
};

} // namespace gatehouse::auth
