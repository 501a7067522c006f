#pragma once

#include "auth/store/session_home.hpp"

namespace gatehouse::auth::postgres {

/// What one call does to sessions that are not in this database. Its transaction may be rolled back
/// because of others and run again: what happened elsewhere stays, is not done twice, and is told
/// by every run.
class Elsewhere {
public:
    /// Null: the sessions are here.
    explicit Elsewhere(SessionHome* home) : home_(home) {}

    explicit operator bool() const noexcept { return home_ != nullptr; }

    /// As SessionHome::create and end_all.
    [[nodiscard]] SessionHome::Ids create(const Session& session, const SessionStore::Room& room,
                                          Millis now);
    [[nodiscard]] SessionHome::Ids end_all(std::string_view user_id, std::string_view keep_session,
                                           Millis now);
    /// Whether the session that asks for all this lived when it was first asked after.
    [[nodiscard]] Result<bool, StoreError> is_live(std::string_view asker);

private:
    SessionHome* home_;
    std::optional<SessionHome::Ids> created_;
    std::vector<std::string> ended_;
    std::optional<bool> asker_lived_; // it may have ended by our own hand since
};

} // namespace gatehouse::auth::postgres
