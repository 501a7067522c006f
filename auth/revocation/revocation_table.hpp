#pragma once

#include "auth/basics/clock.hpp"
#include "auth/basics/id.hpp"
#include "auth/revocation/id_table.hpp"
#include "auth/revocation/reader_gate.hpp"
#include "auth/store/store.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// What stands between a user and the roles in the token.
struct UserStanding {
    bool blocked = false; // or deleted
    /// Roles that stand in for the token's; null: the token's own count.
    std::shared_ptr<const std::vector<std::string>> roles;
};

/// Which sessions and users are refused although their access tokens have not expired: exact, in
/// memory, asked by every worker on every request without a lock, and written rarely. Safe from
/// any thread. A reader that starts after a write returned sees that write.
///
/// A million ended sessions take less than 48 MiB. While the table is empty a question is one load.
class RevocationTable {
public:
    RevocationTable();
    ~RevocationTable();
    RevocationTable(const RevocationTable&) = delete;
    RevocationTable& operator=(const RevocationTable&) = delete;

    [[nodiscard]] bool is_ended(const Id128& session) const noexcept
    {
        return ended_count_.load(std::memory_order_acquire) != 0 && find_ended(session);
    }

    [[nodiscard]] UserStanding standing_of(std::string_view user_id) const noexcept
    {
        if (user_count_.load(std::memory_order_acquire) == 0) return {};
        return find_standing(user_id);
    }

    /// Refuses the session's tokens until `until`, when the last of them has expired.
    void end_session(const Id128& session, Seconds until);

    /// A blocked user stays in the table until unblocked.
    void block(std::string_view user_id);
    void unblock(std::string_view user_id);
    /// A deleted user is refused until `until` and forgotten then; or until unblocked, for an
    /// account that was moved in may have the id of one that is gone. Its sessions stay ended.
    void remove_user(std::string_view user_id, Seconds until);
    /// The new roles count instead of those in tokens until `until`.
    void set_roles(std::string_view user_id, std::vector<std::string> roles, Seconds until);

    /// What another process did. A session id that is not an Id128 names no session of ours.
    void apply(const Change& change, Seconds until);
    /// What a starting process must refuse.
    void load(const ChangeFeed::Standing& standing, Seconds until);

    /// Drops what no unexpired token can meet any more. Call now and then, off the request path.
    void forget(Seconds now);

    /// Every session that is refused.
    [[nodiscard]] std::vector<std::string> ended_sessions() const;
    /// Ended sessions and users with something to say.
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] std::size_t memory_bytes() const;

private:
    struct UserRecord;

    [[nodiscard]] bool find_ended(const Id128& session) const noexcept;
    [[nodiscard]] UserStanding find_standing(std::string_view user_id) const noexcept;
    [[nodiscard]] Id128 fingerprint(std::string_view user_id) const noexcept;
    template <class Change>
    void change_user(std::string_view user_id, Change&& change);
    void forget_users(Seconds now);
    void count();

    ReaderGate gate_;
    std::atomic<std::size_t> ended_count_{0};
    std::atomic<std::size_t> user_count_{0};
    IdTable<std::uint32_t> ended_; // until: seconds since 1970
    IdTable<const UserRecord*> users_;
    std::array<unsigned char, 16> fingerprint_key_{};
    mutable std::mutex writer_;
};

} // namespace gatehouse::auth
