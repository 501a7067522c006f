#include "auth/store/memory/memory_store.hpp"
#include "config/basics/enforced.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace gatehouse::auth {

namespace {

// It is gone with its process: enough to look at what just happened, and no more memory than that.
constexpr std::size_t most_records = 100'000;

} // namespace

void MemoryStore::keep_record(const std::optional<AuditRecord>& record)
{
    if (!record) return;
    auto& kept = audit_.emplace_back(*record);
    kept.number = ++last_record_;
    const bool user_is_gone = !kept.user_id.empty() && !users_.contains(kept.user_id);
    if (enforced("memory_store.deleted_address") && user_is_gone) kept.address.clear();
    if (audit_.size() > most_records) audit_.pop_front();
}

void MemoryStore::remove_addresses_of(std::string_view user_id)
{
    for (auto& record : audit_) {
        if (record.user_id == user_id) record.address.clear();
    }
}

Result<void, StoreError> MemoryStore::append_audit(std::span<const AuditRecord> records)
{
    const std::scoped_lock lock(mutex_);
    for (const auto& record : records) keep_record(record);
    return {};
}

Result<std::vector<AuditRecord>, StoreError>
MemoryStore::read_audit(const AuditFilter& filter, const AuditPlace& before, std::size_t limit)
{
    const std::scoped_lock lock(mutex_);
    const auto place = [](const AuditRecord& record) {
        return std::pair(record.at, record.number);
    };
    const auto end = std::pair(before.at, before.number);
    std::vector<AuditRecord> page;
    for (const auto& record : audit_) {
        if (record.at < filter.since || place(record) >= end) continue;
        if (!filter.user_id.empty() && record.user_id != filter.user_id) continue;
        if (!filter.event.empty() && record.event != filter.event) continue;
        page.push_back(record);
    }
    std::ranges::sort(page, std::greater{}, place);
    if (page.size() > limit) page.resize(limit);
    return page;
}

Result<bool, StoreError> MemoryStore::forget_audit_before(Millis before, std::size_t at_most)
{
    const std::scoped_lock lock(mutex_);
    std::size_t forgotten = 0;
    std::erase_if(audit_, [&](const AuditRecord& record) {
        return record.at < before && forgotten < at_most && ++forgotten > 0;
    });
    return forgotten == at_most;
}

} // namespace gatehouse::auth
