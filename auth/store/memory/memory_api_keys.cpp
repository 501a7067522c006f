#include "auth/store/memory/memory_store.hpp"

#include <algorithm>
#include <tuple>

namespace gatehouse::auth {

ApiKey MemoryStore::with_roles(const ApiKey& key)
{
    auto full = key;
    full.roles = users_.at(key.user_id).user.roles;
    return full;
}

Result<void, StoreError> MemoryStore::create_api_key(const ApiKey& key, const Deed& deed)
{
    const std::scoped_lock lock(mutex_);
    const auto* owner = user_of(key.user_id);
    if (owner == nullptr) return StoreError::not_found;
    if (owner->user.blocked) return StoreError::blocked;
    if (api_keys_.contains(key.id)) return StoreError::unavailable;
    api_keys_.emplace(key.id, key).first->second.roles.clear();
    add_change(ChangeKind::api_key_created, key.id, deed.at);
    keep_record(deed.record);
    return {};
}

Result<std::optional<ApiKey>, StoreError> MemoryStore::find_api_key(std::string_view id)
{
    const std::scoped_lock lock(mutex_);
    const auto found = api_keys_.find(id);
    if (found == api_keys_.end()) return std::optional<ApiKey>();
    return std::optional(with_roles(found->second));
}

Result<std::vector<ApiKey>, StoreError> MemoryStore::list_api_keys(std::string_view after,
                                                                   std::size_t limit)
{
    const std::scoped_lock lock(mutex_);
    std::vector<ApiKey> page;
    for (auto next = api_keys_.upper_bound(after); next != api_keys_.end(); ++next) {
        if (page.size() == limit) break;
        page.push_back(with_roles(next->second));
    }
    return page;
}

Result<std::vector<ApiKey>, StoreError> MemoryStore::api_keys_of(std::string_view user_id)
{
    const std::scoped_lock lock(mutex_);
    std::vector<ApiKey> keys;
    for (const auto& [id, key] : api_keys_) {
        if (key.user_id == user_id) keys.push_back(with_roles(key));
    }
    std::ranges::sort(keys, {}, [](const auto& key) { return std::tie(key.created, key.id); });
    return keys;
}

Result<bool, StoreError> MemoryStore::revoke_api_key(std::string_view id, const Deed& deed)
{
    const std::scoped_lock lock(mutex_);
    const auto found = api_keys_.find(id);
    if (found == api_keys_.end() || found->second.revoked_at) return false;
    found->second.revoked_at = deed.at;
    add_change(ChangeKind::api_key_revoked, id, deed.at);
    keep_record(deed.record);
    return true;
}

void MemoryStore::revoke_api_keys_of(std::string_view user_id, Millis now)
{
    for (auto& [id, key] : api_keys_) {
        if (key.user_id == user_id && !key.revoked_at) key.revoked_at = now;
    }
}

Result<void, StoreError> MemoryStore::note_api_keys_used(std::span<const std::string> ids,
                                                         Seconds at)
{
    const std::scoped_lock lock(mutex_);
    for (const auto& id : ids) {
        const auto found = api_keys_.find(id);
        if (found == api_keys_.end()) continue;
        auto& used = found->second.used_at;
        used = std::max(used.value_or(at), at);
    }
    return {};
}

bool MemoryStore::forget_api_keys(Millis before, std::size_t at_most)
{
    std::size_t forgotten = 0;
    std::erase_if(api_keys_, [&](const auto& entry) {
        const auto& key = entry.second;
        const bool over = (key.revoked_at && *key.revoked_at < before) ||
                          (key.expires_at && *key.expires_at < before);
        return over && forgotten < at_most && ++forgotten > 0;
    });
    return forgotten == at_most;
}

} // namespace gatehouse::auth
