#include "auth/store/memory/memory_store.hpp"
#include "config/basics/enforced.hpp"

namespace gatehouse::auth {

SecondFactor* MemoryStore::second_factor_in_force(std::string_view user_id)
{
    const auto found = second_factors_.find(user_id);
    return found != second_factors_.end() && found->second.in_force ? &found->second : nullptr;
}

Result<std::optional<SecondFactor>, StoreError>
MemoryStore::find_second_factor(std::string_view user_id)
{
    const std::scoped_lock lock(mutex_);
    const auto found = second_factors_.find(user_id);
    if (found == second_factors_.end()) return std::optional<SecondFactor>();
    auto factor = found->second;
    const auto codes = recovery_codes_.find(user_id);
    factor.codes_left = codes == recovery_codes_.end() ? 0 : codes->second.size();
    return std::optional(std::move(factor));
}

Result<void, StoreError> MemoryStore::begin_second_factor(std::string_view user_id,
                                                          std::string_view sealed, Seconds now)
{
    const std::scoped_lock lock(mutex_);
    const auto* owner = user_of(user_id);
    if (owner == nullptr) return StoreError::not_found;
    if (owner->user.blocked) return StoreError::blocked;
    if (second_factor_in_force(user_id) != nullptr) return StoreError::name_taken;
    SecondFactor begun;
    begun.sealed = sealed;
    begun.created = now;
    second_factors_.insert_or_assign(std::string(user_id), std::move(begun));
    return {};
}

Result<bool, StoreError>
MemoryStore::confirm_second_factor(std::string_view user_id, std::string_view sealed, TotpStep step,
                                   std::span<const std::string> code_digests, const Deed& deed)
{
    const std::scoped_lock lock(mutex_);
    if (!may_ask(deed)) return StoreError::not_found;
    const auto found = second_factors_.find(user_id);
    if (found == second_factors_.end()) return false;
    auto& factor = found->second;
    if (factor.in_force || factor.sealed != sealed) return false;
    factor.in_force = true;
    factor.last_used = step;
    recovery_codes_.insert_or_assign(std::string(user_id),
                                     Digests(code_digests.begin(), code_digests.end()));
    keep_record(deed.record);
    return true;
}

Result<bool, StoreError> MemoryStore::use_totp(std::string_view user_id, std::string_view sealed,
                                               TotpStep step, std::string_view resealed,
                                               const std::optional<GoodOnce>& ticket)
{
    const std::scoped_lock lock(mutex_);
    auto* factor = second_factor_in_force(user_id);
    if (factor == nullptr || factor->sealed != sealed) return false;
    if (enforced("memory_store.totp_once") && step <= factor->last_used) return false;
    const bool taken = !ticket || spent_.emplace(ticket->digest, ticket->expires_at).second;
    if (enforced("memory_store.totp_ticket_once") && !taken) return StoreError::already_used;
    factor->last_used = step;
    factor->sealed = resealed;
    return true;
}

Result<bool, StoreError> MemoryStore::use_recovery_code(std::string_view user_id,
                                                        std::string_view digest, const Deed& deed)
{
    const std::scoped_lock lock(mutex_);
    const auto codes = recovery_codes_.find(user_id);
    if (codes == recovery_codes_.end()) return false;
    const auto code = codes->second.find(digest);
    if (code == codes->second.end()) return false;
    const auto& ticket = deed.ticket;
    const bool taken = !ticket || spent_.emplace(ticket->digest, ticket->expires_at).second;
    if (enforced("memory_store.ticket_once") && !taken) return StoreError::already_used;
    if (enforced("memory_store.recovery_code_once")) codes->second.erase(code);
    keep_record(deed.record);
    return true;
}

Result<bool, StoreError>
MemoryStore::replace_recovery_codes(std::string_view user_id,
                                    std::span<const std::string> code_digests, const Deed& deed)
{
    const std::scoped_lock lock(mutex_);
    if (second_factor_in_force(user_id) == nullptr) return false;
    recovery_codes_.insert_or_assign(std::string(user_id),
                                     Digests(code_digests.begin(), code_digests.end()));
    keep_record(deed.record);
    return true;
}

Result<bool, StoreError> MemoryStore::remove_second_factor(std::string_view user_id,
                                                           const Deed& deed)
{
    const std::scoped_lock lock(mutex_);
    const bool was_in_force = second_factor_in_force(user_id) != nullptr;
    forget_second_factor(user_id);
    if (was_in_force) keep_record(deed.record);
    return was_in_force;
}

void MemoryStore::forget_second_factor(std::string_view user_id)
{
    if (const auto found = second_factors_.find(user_id); found != second_factors_.end()) {
        second_factors_.erase(found);
    }
    if (const auto found = recovery_codes_.find(user_id); found != recovery_codes_.end()) {
        recovery_codes_.erase(found);
    }
}

} // namespace gatehouse::auth
