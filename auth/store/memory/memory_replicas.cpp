#include "auth/store/memory/memory_store.hpp"

namespace gatehouse::auth {

Result<void, StoreError> MemoryStore::report(const Entry& entry)
{
    const std::scoped_lock lock(mutex_);
    auto& known = replicas_[entry.replica];
    if (known.beat < entry.beat) known = entry;
    return {};
}

Result<ReplicaBook::Page, StoreError> MemoryStore::replicas()
{
    const std::scoped_lock lock(mutex_);
    Page page{last_sequence_, {}};
    for (const auto& [name, entry] : replicas_) page.entries.push_back(entry);
    return page;
}

Result<void, StoreError> MemoryStore::strike_out(std::string_view replica, std::uint64_t beat)
{
    const std::scoped_lock lock(mutex_);
    const auto found = replicas_.find(replica);
    if (found != replicas_.end() && found->second.beat == beat) replicas_.erase(found);
    return {};
}

} // namespace gatehouse::auth
