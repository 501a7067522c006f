#include "auth/store/memory/memory_store.hpp"
#include "config/basics/enforced.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace gatehouse::auth {
namespace {

bool may_use(std::uint32_t before, std::uint32_t now) noexcept
{
    return now > before || (now == 0 && before == 0);
}

} // namespace

Passkey* MemoryStore::passkey_of(std::string_view id, std::string_view user_id)
{
    const auto found = passkeys_.find(id);
    return found != passkeys_.end() && found->second.user_id == user_id ? &found->second : nullptr;
}

Result<void, StoreError> MemoryStore::create_passkey(const Passkey& passkey, std::size_t most,
                                                     const Deed& deed)
{
    const std::scoped_lock lock(mutex_);
    const auto* owner = user_of(passkey.user_id);
    if (owner == nullptr || !may_ask(deed)) return StoreError::not_found;
    if (owner->user.blocked) return StoreError::blocked;
    const auto others = std::ranges::count_if(
        passkeys_, [&](const auto& each) { return each.second.user_id == passkey.user_id; });
    const bool is_full = std::cmp_greater_equal(others, most);
    if (enforced("memory_store.passkey_room") && is_full) return StoreError::too_many_passkeys;
    if (!passkeys_.emplace(passkey.id, passkey).second) return StoreError::name_taken;
    keep_record(deed.record);
    return {};
}

Result<std::optional<Passkey>, StoreError> MemoryStore::find_passkey(std::string_view id)
{
    const std::scoped_lock lock(mutex_);
    const auto found = passkeys_.find(id);
    if (found == passkeys_.end()) return std::optional<Passkey>();
    return std::optional(found->second);
}

Result<std::vector<Passkey>, StoreError> MemoryStore::passkeys_of(std::string_view user_id)
{
    const std::scoped_lock lock(mutex_);
    std::vector<Passkey> all;
    for (const auto& [id, passkey] : passkeys_) {
        if (passkey.user_id == user_id) all.push_back(passkey);
    }
    std::ranges::sort(all, {}, [](const auto& each) { return std::tie(each.created, each.id); });
    return all;
}

Result<bool, StoreError> MemoryStore::use_passkey(std::string_view id,
                                                  const passkeys::UsedCredential& used, Seconds at)
{
    const std::scoped_lock lock(mutex_);
    const auto found = passkeys_.find(id);
    if (found == passkeys_.end()) return false;
    auto& passkey = found->second;
    if (!may_use(passkey.sign_count, used.sign_count)) return false;
    passkey.sign_count = used.sign_count;
    passkey.backed_up = used.backed_up;
    passkey.used_at = std::max(passkey.used_at.value_or(at), at);
    return true;
}

Result<bool, StoreError> MemoryStore::rename_passkey(std::string_view id, std::string_view user_id,
                                                     std::string_view name, const Deed& deed)
{
    const std::scoped_lock lock(mutex_);
    auto* passkey = passkey_of(id, user_id);
    if (passkey == nullptr) return false;
    passkey->name = name;
    keep_record(deed.record);
    return true;
}

Result<PasskeyStore::Removal, StoreError>
MemoryStore::delete_passkey(std::string_view id, std::string_view user_id, const Deed& deed)
{
    const std::scoped_lock lock(mutex_);
    if (passkey_of(id, user_id) == nullptr) return Removal::unknown;
    const auto of_user = [user_id](const auto& entry) { return entry.second.user_id == user_id; };
    const bool has_password = !user_of(user_id)->user.password_hash.empty();
    if (!has_password && std::ranges::count_if(passkeys_, of_user) == 1) {
        return Removal::last_way_in;
    }
    passkeys_.erase(passkeys_.find(id));
    keep_record(deed.record);
    return Removal::done;
}

Result<bool, StoreError> MemoryStore::spend(std::string_view digest, Seconds expires_at)
{
    const std::scoped_lock lock(mutex_);
    return spent_.emplace(digest, expires_at).second;
}

} // namespace gatehouse::auth
