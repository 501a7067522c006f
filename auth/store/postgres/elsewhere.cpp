#include "auth/store/postgres/elsewhere.hpp"

namespace gatehouse::auth::postgres {

SessionHome::Ids Elsewhere::create(const Session& session, const SessionStore::Room& room,
                                   Millis now)
{
    if (!created_) created_ = home_->create(session, room, now);
    return *created_;
}

SessionHome::Ids Elsewhere::end_all(std::string_view user_id, std::string_view keep_session,
                                    Millis now)
{
    const auto ended = home_->end_all(user_id, keep_session, now);
    if (!ended) return ended;
    ended_.insert(ended_.end(), ended->begin(), ended->end());
    return ended_;
}

Result<bool, StoreError> Elsewhere::is_live(std::string_view asker)
{
    if (asker_lived_) return *asker_lived_;
    const auto found = home_->find(asker);
    if (!found) return found.error();
    asker_lived_ = *found && !(*found)->ended_at;
    return *asker_lived_;
}

} // namespace gatehouse::auth::postgres
