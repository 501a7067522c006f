#include "auth/store/memory/memory_store.hpp"

#include <algorithm>

namespace gatehouse::auth {

void MemoryStore::add_change(ChangeKind kind, std::string_view subject, Millis now,
                             std::vector<std::string> roles)
{
    changes_.push_back({++last_sequence_, kind, std::string(subject), std::move(roles), now});
    changed_.notify_all();
}

Result<std::vector<Change>, StoreError> MemoryStore::changes_after(std::uint64_t after,
                                                                   std::size_t limit)
{
    const std::scoped_lock lock(mutex_);
    const auto first = std::ranges::upper_bound(changes_, after, {}, &Change::sequence);
    const auto available = static_cast<std::size_t>(changes_.end() - first);
    return std::vector<Change>(first,
                               first + static_cast<std::ptrdiff_t>(std::min(available, limit)));
}

Result<void, StoreError> MemoryStore::announce_keys(Millis now)
{
    const std::scoped_lock lock(mutex_);
    add_change(ChangeKind::keys_changed, {}, now);
    return {};
}

Result<bool, StoreError> MemoryStore::wait_for_changes(std::chrono::milliseconds wait)
{
    std::unique_lock lock(mutex_);
    const auto is_over = [&] { return waiting_stopped_ || announced_sequence_ != last_sequence_; };
    if (!changed_.wait_for(lock, wait, is_over) || waiting_stopped_) return false;
    announced_sequence_ = last_sequence_;
    return true;
}

void MemoryStore::stop_waiting() noexcept
{
    const std::scoped_lock lock(mutex_);
    waiting_stopped_ = true;
    changed_.notify_all();
}

Result<ChangeFeed::Standing, StoreError> MemoryStore::standing(Millis ended_after)
{
    const std::scoped_lock lock(mutex_);
    Standing standing;
    standing.sequence = last_sequence_;
    for (const auto& [id, record] : sessions_) {
        const auto& ended_at = record.session.ended_at;
        if (ended_at && *ended_at > ended_after) standing.ended_sessions.push_back(id);
    }
    for (const auto& [id, record] : users_) {
        if (record.user.blocked) standing.blocked_users.push_back(id);
        if (record.roles_changed_at && *record.roles_changed_at > ended_after) {
            standing.changed_roles.emplace_back(id, record.user.roles);
        }
    }
    return standing;
}

} // namespace gatehouse::auth
