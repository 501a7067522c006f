#include "tests/simulation/database.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::simulation {

using namespace std::chrono_literals;
using auth::ChangeKind;
using auth::Deed;
using auth::MemoryStore;
using auth::Millis;
using auth::StoreError;

bool Database::strikes(Bug bug, std::size_t permille)
{
    return bug_ == bug && random_.permille(permille);
}

std::vector<std::string> Database::note_commits()
{
    std::vector<std::string> ended;
    const auto news = MemoryStore::changes_after(newest_, 10'000);
    if (!news || news->empty()) return ended;
    for (const auto& change : *news) {
        newest_ = change.sequence;
        committed_[change.sequence] = scheduler_.now();
        if (change.kind == ChangeKind::user_unblocked) {
            unblocked_[change.subject] = scheduler_.now();
        }
        if (change.kind == ChangeKind::session_ended) ended.push_back(change.subject);
    }
    for (const auto& wait : std::exchange(waiting_, {})) scheduler_.wake(wait);
    return ended;
}

// ---- accounts ---------------------------------------------------------------------------------

Result<void, StoreError> Database::register_user(const auth::User& user,
                                                 std::optional<std::string_view> invite,
                                                 const auth::Session& session, const Deed& deed)
{
    if (strikes(Bug::registration_lost, 200)) return {};
    return MemoryStore::register_user(user, invite, session, deed);
}

template <class Value, class Read>
Result<std::optional<Value>, StoreError>
Database::maybe_stale(std::map<std::string, Old<Value>, std::less<>>& seen, std::string_view key,
                      Read read)
{
    if (bug_ != Bug::reads_are_stale) return read();
    auto& old = seen[std::string(key)];
    if (old.value && scheduler_.now() - old.read < 2s) return old.value;
    auto fresh = read();
    if (fresh) old = {scheduler_.now(), *fresh};
    return fresh;
}

Result<std::optional<auth::User>, StoreError> Database::find_user_by_name(std::string_view name)
{
    return maybe_stale(old_names_, name, [&] { return MemoryStore::find_user_by_name(name); });
}

Result<std::optional<auth::User>, StoreError> Database::find_user(std::string_view id)
{
    return maybe_stale(old_users_, id, [&] { return MemoryStore::find_user(id); });
}

Database::Ids Database::set_password(std::string_view id, std::string_view hash,
                                     std::string_view keep, const Deed& deed)
{
    if (strikes(Bug::password_lost, 300)) return std::vector<std::string>{};
    if (strikes(Bug::password_ends_no_session)) {
        const auto user = true_user(id);
        if (!user) return StoreError::not_found;
        if (!MemoryStore::replace_hash(id, user->password_hash, hash)) return StoreError::not_found;
        return std::vector<std::string>{};
    }
    return MemoryStore::set_password(id, hash, keep, deed);
}

Database::Ids Database::block_user(std::string_view id, const Deed& deed)
{
    if (strikes(Bug::block_lost, 300)) return std::vector<std::string>{};
    return MemoryStore::block_user(id, deed);
}

Database::Ids Database::delete_user(std::string_view id, const Deed& deed)
{
    if (strikes(Bug::deletion_lost, 500)) return std::vector<std::string>{};
    auto ended = MemoryStore::delete_user(id, deed);
    if (ended && strikes(Bug::deletion_tells_nobody)) {
        untold_.insert(ended->begin(), ended->end());
        untold_.emplace(id);
    }
    return ended;
}

// ---- sessions ---------------------------------------------------------------------------------

Database::Ids Database::create_session(const auth::Session& session, const Room& room,
                                       const Deed& deed)
{
    return MemoryStore::create_session(session, strikes(Bug::room_is_not_looked_at) ? Room{} : room,
                                       deed);
}

Result<std::optional<auth::Session>, StoreError> Database::find_session(std::string_view id)
{
    return maybe_stale(old_sessions_, id, [&] { return MemoryStore::find_session(id); });
}

Result<bool, StoreError> Database::rotate(std::string_view id, auth::Generation from,
                                          const auth::RotationTerms& terms, Millis now)
{
    if (strikes(Bug::rotation_lost, 100)) return true;
    if (strikes(Bug::rotate_without_condition)) {
        if (const auto session = true_session(id)) from = session->generation;
    }
    auto noted = terms;
    if (strikes(Bug::nobody_watches_a_new_pair)) noted.watched = false;
    return MemoryStore::rotate(id, from, noted, now);
}

Result<std::vector<auth::SeenGeneration>, StoreError>
Database::mark_seen(std::span<const auth::SeenGeneration> seen)
{
    if (strikes(Bug::marks_are_lost)) return std::vector<auth::SeenGeneration>();
    for (const auto& [id, generation] : seen) {
        const auto session = true_session(id);
        if (session && session->unseen == generation) {
            marked_.try_emplace({id, generation}, scheduler_.now());
        }
    }
    return MemoryStore::mark_seen(seen);
}

Result<bool, StoreError> Database::end_session(std::string_view id, const Deed& deed)
{
    if (strikes(Bug::logout_lost, 300)) return true;
    return MemoryStore::end_session(id, deed);
}

Database::Ids Database::end_sessions_of(std::string_view user, std::string_view keep,
                                        const Deed& deed)
{
    if (!strikes(Bug::logout_all_misses_newest)) {
        return MemoryStore::end_sessions_of(user, keep, deed);
    }
    std::vector<std::string> ended;
    auto sessions = *MemoryStore::list_sessions(user, auth::Seconds{}); // newest first
    if (sessions.size() > 1) sessions.erase(sessions.begin());
    for (const auto& session : sessions) {
        if (session.id == keep) continue;
        if (const auto done = MemoryStore::end_session(session.id, deed); done && *done) {
            ended.push_back(session.id);
        }
    }
    return ended;
}

// ---- the truth --------------------------------------------------------------------------------

std::optional<auth::Session> Database::true_session(std::string_view id)
{
    return *MemoryStore::find_session(id);
}

std::optional<auth::User> Database::true_user(std::string_view id)
{
    return *MemoryStore::find_user(id);
}

std::optional<Time> Database::marked(const std::string& session, auth::Generation generation) const
{
    const auto found = marked_.find({session, generation});
    if (found == marked_.end()) return std::nullopt;
    return found->second;
}

std::optional<Time> Database::last_unblocked(const std::string& user) const
{
    const auto found = unblocked_.find(user);
    if (found == unblocked_.end()) return std::nullopt;
    return found->second;
}

} // namespace gatehouse::simulation
