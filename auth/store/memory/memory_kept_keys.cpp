#include "auth/store/memory/memory_store.hpp"
#include "config/basics/enforced.hpp"

namespace gatehouse::auth {

Result<std::optional<KeptKeys::Kept>, StoreError> MemoryStore::read_keys(std::string_view name)
{
    const std::scoped_lock lock(mutex_);
    const auto found = keys_.find(name);
    return found == keys_.end() ? std::nullopt : std::optional(found->second);
}

Result<bool, StoreError> MemoryStore::replace_keys(std::string_view name, std::uint64_t expected,
                                                   std::string_view bytes, Millis now)
{
    const std::scoped_lock lock(mutex_);
    const auto found = keys_.find(name);
    const auto version = found == keys_.end() ? 0 : found->second.version;
    if (enforced("memory_store.keys_as_expected") && version != expected) return false;
    keys_.insert_or_assign(std::string(name), Kept{expected + 1, std::string(bytes)});
    add_change(ChangeKind::keys_changed, {}, now);
    return true;
}

} // namespace gatehouse::auth
