#pragma once

#include "auth/store/redis/session_scripts.hpp"
#include "auth/store/store.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace gatehouse::auth::redis {

/// Sessions in Redis, for accounts that are elsewhere. The calls are those of SessionStore, each
/// one script and so one moment, with this difference: whether there is such a user, and whether
/// they may log in, is the caller's to know, who holds the lock on the account meanwhile. So
/// `create` comes before the account's transaction commits, and `end_all` before that of a block, a
/// change of password or a deletion does: if the caller dies in between, too much has ended, and
/// nothing lives that should not.
class RedisSessions {
public:
    /// `kept` is how long a session that is over is remembered: an access token's life.
    RedisSessions(Pool& pool, std::chrono::milliseconds kept) : pool_(pool), kept_(kept) {}

    [[nodiscard]] Result<std::vector<std::string>, StoreError>
    create(const Session& session, const SessionStore::Room& room, Millis now);

    [[nodiscard]] Result<std::optional<Session>, StoreError> find(std::string_view session_id);
    [[nodiscard]] Result<std::vector<Session>, StoreError> list(std::string_view user_id,
                                                                Seconds now);

    /// Also refuses a session of another epoch than its user's.
    [[nodiscard]] Result<bool, StoreError> rotate(std::string_view session_id, Generation from,
                                                  const RotationTerms& terms, Millis now);
    [[nodiscard]] Result<bool, StoreError> end(std::string_view session_id, Millis now);
    /// Begins a new epoch of the user, in which only `keep_session` lives on, and says which
    /// sessions it found to end. Others that were lost from that list ended all the same.
    [[nodiscard]] Result<std::vector<std::string>, StoreError>
    end_all(std::string_view user_id, std::string_view keep_session, Millis now);

private:
    [[nodiscard]] std::string forget_at(Millis over) const;

    Pool& pool_;
    const std::chrono::milliseconds kept_;
    const SessionScripts scripts_;
};

} // namespace gatehouse::auth::redis
