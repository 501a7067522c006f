#include "tests/auth/sessions/flawed_store.hpp"

namespace gatehouse::auth::interleaved {

using Ids = Result<std::vector<std::string>, StoreError>;

Result<void, StoreError> FlawedStore::create_user(const User& user, std::optional<std::string_view>,
                                                  const Deed&)
{
    users_.emplace(user.id, user);
    return {};
}

Result<std::optional<User>, StoreError> FlawedStore::find_user(std::string_view id)
{
    const auto found = users_.find(id);
    return found == users_.end() ? std::optional<User>() : found->second;
}

Result<std::optional<User>, StoreError> FlawedStore::find_user_by_name(std::string_view name)
{
    return find_user(name); // here users are called like their ids
}

Ids FlawedStore::block_user(std::string_view user, const Deed& deed)
{
    if (!has(Flaw::block_is_forgotten)) users_.find(user)->second.blocked = true;
    if (has(Flaw::block_leaves_sessions)) return std::vector<std::string>();
    return end_all(user, deed.at);
}

Ids FlawedStore::create_session(const Session& session, const Room&, const Deed&)
{
    const bool blocked = users_.find(session.user_id)->second.blocked;
    if (blocked && !has(Flaw::login_while_blocked)) return StoreError::blocked;
    sessions_.emplace(session.id, session);
    sessions_of_[session.user_id].push_back(session.id);
    return std::vector<std::string>();
}

Result<std::optional<Session>, StoreError> FlawedStore::find_session(std::string_view id)
{
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return std::optional<Session>();
    auto session = found->second;
    if (has(Flaw::shows_ended_as_live)) session.ended_at.reset();
    return std::optional(session);
}

Result<std::vector<Session>, StoreError> FlawedStore::list_sessions(std::string_view user, Seconds)
{
    std::vector<Session> live;
    for (const auto& id : sessions_of_.find(user)->second) {
        const auto& session = sessions_.find(id)->second;
        if (!session.ended_at) live.push_back(session);
    }
    return live;
}

Result<bool, StoreError> FlawedStore::rotate(std::string_view id, Generation from,
                                             const RotationTerms&, Millis now)
{
    auto& session = sessions_.find(id)->second;
    const bool revives = has(Flaw::rotation_revives);
    if (session.ended_at && !revives && !has(Flaw::rotates_ended_session)) return false;
    if (from < session.generation && has(Flaw::accepts_spent_generation)) return true;
    if (from != session.generation && !has(Flaw::rotates_any_generation)) return false;

    if (revives) session.ended_at.reset();
    if (has(Flaw::loses_rotation)) return true;
    if (!has(Flaw::forgets_what_was_spent)) {
        session.superseded.push_back({session.generation, now});
    }
    session.generation += has(Flaw::skips_a_generation) ? 2 : 1;
    if (has(Flaw::makes_two_of_one)) {
        auto second = session;
        second.id += " again";
        return create_session(second, {}, now).has_value();
    }
    return !has(Flaw::rotates_and_denies_it);
}

Result<bool, StoreError> FlawedStore::end_session(std::string_view id, const Deed& deed)
{
    auto& session = sessions_.find(id)->second;
    if (has(Flaw::forgets_to_end)) return true;
    if (has(Flaw::ends_the_whole_user)) return !end_all(session.user_id, deed.at).empty();
    if (session.ended_at) {
        if (has(Flaw::ending_twice_revives)) session.ended_at.reset();
        return false;
    }
    session.ended_at = deed.at;
    return true;
}

Ids FlawedStore::end_sessions_of(std::string_view user, std::string_view, const Deed& deed)
{
    if (has(Flaw::logout_unblocks)) users_.find(user)->second.blocked = false;
    return end_all(user, deed.at);
}

std::vector<std::string> FlawedStore::end_all(std::string_view user, Millis now)
{
    std::vector<std::string> ended;
    const auto& ids = sessions_of_.find(user)->second;
    for (const auto& id : ids) {
        auto& session = sessions_.find(id)->second;
        if (session.ended_at || (has(Flaw::all_but_one) && id == ids.back())) continue;
        session.ended_at = now;
        ended.push_back(id);
    }
    return ended;
}

} // namespace gatehouse::auth::interleaved
