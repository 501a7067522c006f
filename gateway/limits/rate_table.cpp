#include "gateway/limits/rate_table.hpp"

#include <algorithm>
#include <new>

namespace gatehouse::gateway {
namespace {

constexpr std::size_t line_bytes = 64;

RateTime time_of(std::int64_t count) noexcept
{
    return RateTime(count);
}

} // namespace

RateTable::RateTable(std::size_t sets, Kind kind)
    : mask_(sets - 1),
      memory_(std::calloc(sets * sizeof(Set) + line_bytes, 1)),
      spent_(kind == Kind::shared ? std::calloc(sets * ways, sizeof(std::uint32_t)) : nullptr)
{
    if (!memory_ || (kind == Kind::shared && !spent_)) throw std::bad_alloc();
    void* begin = memory_.get();
    std::size_t room = sets * sizeof(Set) + line_bytes;
    sets_ = static_cast<Set*>(std::align(line_bytes, sets * sizeof(Set), begin, room));
}

RateTable::~RateTable() = default;

std::atomic_ref<std::uint64_t> RateTable::key_at(const Place& place) const noexcept
{
    return std::atomic_ref(sets_[place.set].keys[place.way]);
}

std::atomic_ref<std::int64_t> RateTable::time_at(const Place& place) const noexcept
{
    return std::atomic_ref(sets_[place.set].full_at[place.way]);
}

std::atomic_ref<std::uint32_t> RateTable::spent_at(const Place& place) const noexcept
{
    auto* const all = static_cast<std::uint32_t*>(spent_.get());
    return std::atomic_ref(all[place.set * ways + place.way]);
}

RateTable::Place RateTable::find(std::uint64_t key) const noexcept
{
    Place place{key & mask_};
    for (; place.way < ways; ++place.way) {
        // Acquire: the time of a key that was just put there is its own.
        if (key_at(place).load(std::memory_order_acquire) == key) {
            place.found = true;
            return place;
        }
    }
    place.way = 0;
    return place;
}

/// Under a lock, so that no two workers make places for one key. Whoever still counts for the key
/// that goes may count once for the one that comes: a request too few passes.
RateTable::Place RateTable::claim(std::uint64_t key, RateTime now) noexcept
{
    const std::scoped_lock lock(new_keys_[(key & mask_) % locks]);
    if (const auto known = find(key); known.found) return known;
    Place place{key & mask_, 0, true};
    auto soonest = RateTime::max();
    for (std::size_t way = 0; way < ways; ++way) {
        const Place other{place.set, way, true};
        const auto full_at = time_of(time_at(other).load(std::memory_order_relaxed));
        if (full_at < soonest) {
            soonest = full_at;
            place.way = way;
        }
    }
    if (soonest > now) displaced_.fetch_add(1, std::memory_order_relaxed);
    key_at(place).store(0, std::memory_order_release);
    time_at(place).store(0, std::memory_order_release);
    if (spent_) spent_at(place).store(0, std::memory_order_relaxed);
    key_at(place).store(key, std::memory_order_release);
    return place;
}

RateVerdict RateTable::look(std::uint64_t key, const RateTerms& terms, RateTime now) const noexcept
{
    const auto place = find(nonzero(key));
    const auto full_at = place.found ? time_at(place).load(std::memory_order_relaxed) : 0;
    return look_at(terms, time_of(full_at), now);
}

RateVerdict RateTable::take(std::uint64_t key, const RateTerms& terms, RateTime now) noexcept
{
    key = nonzero(key);
    auto place = find(key);
    if (!place.found) place = claim(key, now);
    auto cell = time_at(place);
    auto seen = cell.load(std::memory_order_relaxed);
    for (;;) {
        auto verdict = look_at(terms, time_of(seen), now);
        if (!verdict.passes) return verdict;
        const auto next = after_requests(terms, time_of(seen), now);
        if (!cell.compare_exchange_weak(seen, next.count(), std::memory_order_relaxed)) continue;
        verdict = look_at(terms, next, now);
        verdict.passes = true;
        if (spent_) note(place, key, (next - now) * 8 >= terms.most);
        return verdict;
    }
}

void RateTable::note(const Place& place, std::uint64_t key, bool is_worth_telling) noexcept
{
    auto spent = spent_at(place);
    const auto before = spent.fetch_add(1, std::memory_order_relaxed);
    if (!is_worth_telling || (before & waits) != 0) return;
    if ((spent.fetch_or(waits, std::memory_order_relaxed) & waits) != 0) return;
    const std::scoped_lock lock(waiting_mutex_);
    try {
        if (waiting_.size() < most_waiting) return waiting_.push_back(key);
    } catch (const std::bad_alloc&) { // as if there were no room
    }
    spent.store(0, std::memory_order_relaxed);
}

std::vector<RateTable::Spent> RateTable::collect(std::size_t at_most, const RateTerms& terms,
                                                 RateTime now)
{
    std::vector<std::uint64_t> keys;
    {
        const std::scoped_lock lock(waiting_mutex_);
        const auto taken = static_cast<std::ptrdiff_t>(std::min(at_most, waiting_.size()));
        keys.assign(waiting_.begin(), waiting_.begin() + taken);
        waiting_.erase(waiting_.begin(), waiting_.begin() + taken);
    }
    std::vector<Spent> all;
    for (const auto key : keys) {
        const auto place = find(key);
        if (!place.found) continue;
        const auto spent = spent_at(place).exchange(0, std::memory_order_relaxed) & ~waits;
        // What has come back meanwhile is nobody's concern any more.
        const auto full_at = time_of(time_at(place).load(std::memory_order_relaxed));
        const auto used = std::max(full_at - now, RateTime::zero()) / terms.each + 1;
        const auto requests = std::min<std::int64_t>(spent, used);
        if (requests != 0) all.push_back({key, static_cast<std::uint32_t>(requests)});
    }
    return all;
}

void RateTable::heard(std::uint64_t key, const RateTerms& terms, RateTime full_at) noexcept
{
    const auto place = find(key);
    if (!place.found) return;
    const auto since = spent_at(place).load(std::memory_order_relaxed) & ~waits;
    const auto wanted = (full_at + terms.each * since).count();
    auto cell = time_at(place);
    auto seen = cell.load(std::memory_order_relaxed);
    // Never back: what is known here was counted.
    while (seen < wanted && !cell.compare_exchange_weak(seen, wanted, std::memory_order_relaxed)) {
    }
}

} // namespace gatehouse::gateway
