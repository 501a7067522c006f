#pragma once

#include "auth/store/redis/session_scripts.hpp"
#include "auth/store/session_home.hpp"

#include <chrono>

namespace gatehouse::auth::redis {

/// Sessions in Redis. Each call is one script, and so one moment; a walk is several.
class RedisSessions final : public SessionHome {
public:
    /// `kept` is how long a session that is over is remembered: an access token's life.
    RedisSessions(Pool& pool, std::chrono::milliseconds kept) : pool_(pool), kept_(kept) {}

    Ids create(const Session& session, const SessionStore::Room& room, Millis now) override;
    Result<std::optional<Session>, StoreError> find(std::string_view session_id) override;
    Result<std::vector<Session>, StoreError> list(std::string_view user_id, Seconds now) override;
    /// Also refuses a session of another epoch than its user's.
    Result<bool, StoreError> rotate(std::string_view session_id, Generation from,
                                    const RotationTerms& terms, Millis now) override;
    Result<void, StoreError> mark_seen(std::span<const SeenGeneration> seen) override;
    /// Also refuses a session of another epoch than its user's.
    Result<bool, StoreError> replace_amr(std::string_view session_id,
                                         std::span<const std::string> expected,
                                         std::span<const std::string> amr, Millis now) override;
    Result<bool, StoreError> end(std::string_view session_id, Millis now) override;
    /// Begins a new epoch of the user, in which only `keep_session` lives on, and says which
    /// sessions it found to end.
    Ids end_all(std::string_view user_id, std::string_view keep_session, Millis now) override;
    Ids end_next(Walk& walk, Millis now) override;
    Result<std::uint64_t, StoreError> count_next(Walk& walk, Millis now) override;

private:
    [[nodiscard]] std::string forget_at(Millis over) const;

    Pool& pool_;
    const std::chrono::milliseconds kept_;
    const SessionScripts scripts_;
};

} // namespace gatehouse::auth::redis
