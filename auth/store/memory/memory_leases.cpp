#include "auth/store/memory/memory_store.hpp"

#include <algorithm>

namespace gatehouse::auth {

Result<bool, StoreError> MemoryStore::take_lease(std::string_view name, std::string_view holder,
                                                 Millis now, Millis until)
{
    const std::scoped_lock lock(mutex_);
    const auto [entry, is_new] = leases_.try_emplace(
        std::string(name), Lease{std::string(name), std::string(holder), until});
    auto& lease = entry->second;
    if (lease.holder != holder && lease.until > now) return false;
    lease.holder = holder;
    lease.until = std::max(lease.until, until);
    return true;
}

Result<void, StoreError> MemoryStore::give_up_lease(std::string_view name, std::string_view holder,
                                                    Millis now)
{
    const std::scoped_lock lock(mutex_);
    const auto found = leases_.find(name);
    if (found == leases_.end() || found->second.holder != holder) return {};
    found->second.until = std::min(found->second.until, now);
    return {};
}

Result<std::vector<Leases::Lease>, StoreError> MemoryStore::list_leases()
{
    const std::scoped_lock lock(mutex_);
    std::vector<Lease> all;
    for (const auto& [name, lease] : leases_) all.push_back(lease);
    return all;
}

} // namespace gatehouse::auth
