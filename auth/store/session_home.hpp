#pragma once

#include "auth/store/store.hpp"

namespace gatehouse::auth {

/// Where sessions live when they are not with the accounts. The calls are those of SessionStore,
/// each one step there, with this difference: whether there is such a user, and whether they may
/// log in, is the caller's to know, who holds the account's lock meanwhile. So `create` comes
/// before the account's transaction commits, and `end_all` before that of a block, a change of
/// password or a deletion does: if the caller dies in between, too much has ended, and nothing
/// lives that should not. Safe from any thread; every call ends in time.
class SessionHome {
public:
    virtual ~SessionHome() = default;

    using Ids = Result<std::vector<std::string>, StoreError>;

    /// Returns whom it evicted. An id that was ever used is refused as unavailable.
    [[nodiscard]] virtual Ids create(const Session& session, const SessionStore::Room& room,
                                     Millis now) = 0;
    [[nodiscard]] virtual Result<std::optional<Session>, StoreError>
    find(std::string_view session_id) = 0;
    [[nodiscard]] virtual Result<std::vector<Session>, StoreError> list(std::string_view user_id,
                                                                        Seconds now) = 0;
    [[nodiscard]] virtual Result<bool, StoreError> rotate(std::string_view session_id,
                                                          Generation from,
                                                          const RotationTerms& terms,
                                                          Millis now) = 0;
    [[nodiscard]] virtual Result<void, StoreError>
    mark_seen(std::span<const SeenGeneration> seen) = 0;
    [[nodiscard]] virtual Result<bool, StoreError>
    replace_amr(std::string_view session_id, std::span<const std::string> expected,
                std::span<const std::string> amr, Millis now) = 0;
    [[nodiscard]] virtual Result<bool, StoreError> end(std::string_view session_id, Millis now) = 0;
    /// Whoever was lost from the list of the user's sessions ends as well, and is not named.
    [[nodiscard]] virtual Ids end_all(std::string_view user_id, std::string_view keep_session,
                                      Millis now) = 0;

    /// A walk over all sessions, in pieces: it begins with a fresh one and is over when `over`
    /// says so. Who comes or goes meanwhile may be met or not, and all others are.
    struct Walk {
        std::string place = "0";
        bool over = false;
    };

    /// Ends those it meets next, and says which had not ended before.
    [[nodiscard]] virtual Ids end_next(Walk& walk, Millis now) = 0;
    /// How many of those it meets next have neither ended nor expired.
    [[nodiscard]] virtual Result<std::uint64_t, StoreError> count_next(Walk& walk, Millis now) = 0;
};

} // namespace gatehouse::auth
