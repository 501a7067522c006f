#include "auth/store/memory/memory_store.hpp"
#include "config/basics/enforced.hpp"

#include <algorithm>

namespace gatehouse::auth {

namespace {

[[nodiscard]] bool is_live(const Session& session, Millis now)
{
    return !session.ended_at && now < session.expires_at;
}

void supersede(Session& session, Millis now, std::uint32_t kept)
{
    auto& all = session.superseded;
    all.push_back({session.generation, now});
    if (all.size() > kept) all.erase(all.begin(), all.end() - kept);
}

/// Erases what `is_over` says of, at most so many; true: there may be more.
template <class Container, class Condition>
bool erase_some(Container& container, std::size_t at_most, Condition is_over)
{
    std::size_t erased = 0;
    for (auto entry = container.begin(); entry != container.end() && erased < at_most;) {
        if (!is_over(*entry)) {
            ++entry;
            continue;
        }
        entry = container.erase(entry);
        ++erased;
    }
    return erased == at_most;
}

} // namespace

std::vector<MemoryStore::SessionRecord*> MemoryStore::records_of(std::string_view user_id)
{
    std::vector<SessionRecord*> records;
    const auto [first, last] = sessions_by_user_.equal_range(user_id);
    for (auto entry = first; entry != last; ++entry) {
        records.push_back(&sessions_.find(entry->second)->second);
    }
    return records;
}

void MemoryStore::end(SessionRecord& record, Millis now)
{
    record.session.ended_at = now;
    add_change(ChangeKind::session_ended, record.session.id, now);
}

bool MemoryStore::may_ask(const Deed& deed) const
{
    if (deed.asker.empty() || !enforced("memory_store.asker_lives")) return true;
    const auto found = sessions_.find(deed.asker);
    return found != sessions_.end() && !found->second.session.ended_at;
}

std::vector<std::string> MemoryStore::end_all(std::string_view user_id,
                                              std::string_view keep_session, Millis now)
{
    std::vector<std::string> ended;
    for (auto* record : records_of(user_id)) {
        if (record->session.ended_at || record->session.id == keep_session) continue;
        end(*record, now);
        ended.push_back(record->session.id);
    }
    return ended;
}

Result<std::vector<std::string>, StoreError>
MemoryStore::create_session(const Session& session, const Room& room, const Deed& deed)
{
    const std::scoped_lock lock(mutex_);
    const auto* owner = user_of(session.user_id);
    if (owner == nullptr) return StoreError::not_found;
    if (enforced("memory_store.login_unblocked") && owner->user.blocked) return StoreError::blocked;
    if (sessions_.contains(session.id)) return StoreError::unavailable;

    auto rivals = records_of(session.user_id);
    std::erase_if(rivals, [&](const auto* rival) { return !is_live(rival->session, deed.at); });
    std::vector<std::string> evicted;
    if (room.max_per_user > 0 && rivals.size() >= room.max_per_user) {
        if (!room.evict_oldest) return StoreError::too_many_sessions;
        std::ranges::sort(rivals, {},
                          [](const auto* r) { return std::pair(r->used_at, r->arrival); });
        rivals.resize(rivals.size() - room.max_per_user + 1);
        for (auto* rival : rivals) {
            end(*rival, deed.at);
            keep_record(record_of_eviction(deed, rival->session.id));
            evicted.push_back(rival->session.id);
        }
    }
    insert_session(session, deed.at);
    keep_record(deed.record);
    return evicted;
}

void MemoryStore::insert_session(const Session& session, Millis now)
{
    sessions_.emplace(session.id, SessionRecord{session, now, ++arrivals_});
    sessions_by_user_.emplace(session.user_id, session.id);
}

Result<std::optional<Session>, StoreError> MemoryStore::find_session(std::string_view session_id)
{
    const std::scoped_lock lock(mutex_);
    const auto found = sessions_.find(session_id);
    if (found == sessions_.end()) return std::optional<Session>{};
    return std::optional(found->second.session);
}

Result<std::vector<Session>, StoreError> MemoryStore::list_sessions(std::string_view user_id,
                                                                    Seconds now)
{
    const std::scoped_lock lock(mutex_);
    auto records = records_of(user_id);
    std::erase_if(records, [&](const auto* record) { return !is_live(record->session, now); });
    std::ranges::sort(records, std::greater{}, [](const auto* record) {
        return std::pair(record->session.login_at, record->arrival);
    });
    std::vector<Session> sessions;
    sessions.reserve(records.size());
    for (const auto* record : records) sessions.push_back(record->session);
    return sessions;
}

Result<bool, StoreError> MemoryStore::rotate(std::string_view session_id, Generation from,
                                             const RotationTerms& terms, Millis now)
{
    const std::scoped_lock lock(mutex_);
    const auto found = sessions_.find(session_id);
    if (found == sessions_.end()) return false;
    auto& [session, used_at, arrival] = found->second;
    if (enforced("memory_store.rotate_current") && session.generation != from) return false; // R41
    // A blocked or deleted user has no session left that has not ended: same mutex, same call.
    if (enforced("memory_store.rotate_unended") && session.ended_at) return false; // R43, R46
    if (enforced("memory_store.rotate_unexpired") && now >= session.expires_at) return false; // R45

    supersede(session, now, terms.kept);
    ++session.generation;
    session.issued_at = terms.issued_at;
    session.expires_at = terms.expires_at;
    session.address = terms.address;
    session.user_agent = terms.user_agent;
    session.unseen = terms.watched ? session.generation : 0;
    used_at = now;
    return true;
}

Result<std::vector<SeenGeneration>, StoreError>
MemoryStore::mark_seen(std::span<const SeenGeneration> seen)
{
    const std::scoped_lock lock(mutex_);
    for (const auto& [session_id, generation] : seen) {
        const auto found = sessions_.find(session_id);
        if (found == sessions_.end()) continue;
        auto& session = found->second.session;
        if (enforced("memory_store.seen_current") && session.unseen != generation) continue;
        if (!session.ended_at) session.unseen = 0;
    }
    return std::vector<SeenGeneration>();
}

Result<bool, StoreError> MemoryStore::replace_amr(std::string_view session_id,
                                                  std::span<const std::string> expected,
                                                  std::span<const std::string> amr,
                                                  const Deed& deed)
{
    const std::scoped_lock lock(mutex_);
    const auto found = sessions_.find(session_id);
    if (found == sessions_.end()) return false;
    auto& session = found->second.session;
    if (enforced("memory_store.amr_expected") && !std::ranges::equal(session.amr, expected)) {
        return false;
    }
    if (enforced("memory_store.amr_live") && !is_live(session, deed.at)) return false;
    session.amr.assign(amr.begin(), amr.end());
    keep_record(deed.record);
    return true;
}

Result<bool, StoreError> MemoryStore::end_session(std::string_view session_id, const Deed& deed)
{
    const std::scoped_lock lock(mutex_);
    const auto found = sessions_.find(session_id);
    if (found == sessions_.end() || found->second.session.ended_at) return false;
    end(found->second, deed.at);
    keep_record(deed.record);
    return true;
}

Result<std::vector<std::string>, StoreError>
MemoryStore::end_sessions_of(std::string_view user_id, std::string_view keep_session,
                             const Deed& deed)
{
    const std::scoped_lock lock(mutex_);
    auto ended = end_all(user_id, keep_session, deed.at);
    if (!ended.empty()) keep_record(deed.record);
    return ended;
}

Result<std::uint64_t, StoreError> MemoryStore::end_every_session(Millis now)
{
    const std::scoped_lock lock(mutex_);
    last_sequence_ += restore_gap;
    std::uint64_t ended = 0;
    for (auto& [id, record] : sessions_) {
        if (record.session.ended_at) continue;
        end(record, now);
        ++ended;
    }
    return ended;
}

Result<bool, StoreError> MemoryStore::forget_before(Millis before, std::size_t at_most)
{
    const std::scoped_lock lock(mutex_);
    const auto is_over = [&](const Session& session) {
        return session.expires_at < before || (session.ended_at && *session.ended_at < before);
    };
    const bool more_sessions = erase_some(sessions_by_user_, at_most, [&](const auto& entry) {
        const auto found = sessions_.find(entry.second);
        if (!is_over(found->second.session)) return false;
        sessions_.erase(found);
        return true;
    });
    const bool more_invites =
        erase_some(invites_, at_most, [&](const auto& invite) { return invite.second < before; });
    const bool more_spent =
        erase_some(spent_, at_most, [&](const auto& spent) { return spent.second < before; });
    const auto is_past = [&](const auto& entry) { return entry.second.expires_at < before; };
    const bool more_mails = erase_some(mails_, at_most, is_past);
    const bool more_links = erase_some(links_, at_most, is_past);
    const bool more_changes =
        erase_some(changes_, at_most, [&](const Change& change) { return change.at < before; });
    const bool more_keys = forget_api_keys(before, at_most);
    return more_sessions || more_invites || more_spent || more_mails || more_links ||
           more_changes || more_keys;
}

} // namespace gatehouse::auth
