#pragma once

#include "auth/basics/id.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace gatehouse::auth {

/// A hash table from evenly spread 128-bit ids to small values, for many readers that never wait
/// and one writer at a time (its owner's mutex). `Value{}` means "not there" and is never stored.
///
/// A slot is published by its value and its id never changes after that; growing and forgetting
/// build a new array, so a reader sees either the old or the new one, both of them complete. The
/// owner keeps the old array alive until its readers have left (ReaderGate): that is what `Retire`
/// is for, a function called once a shard points to its new array and before the old one is freed.
///
/// Memory: a cache line holds three 4-byte values with their ids. Arrays grow by half when three
/// quarters full, so at worst an entry takes 64/3/0.5 = 43 bytes: a million, 41 MiB. Sharding
/// keeps the copy made while growing to one sixty-fourth of that.
template <class Value>
class IdTable {
public:
    IdTable() = default;

    ~IdTable()
    {
        for (auto& shard : shards_) delete shard.array.load(std::memory_order_relaxed);
    }

    IdTable(const IdTable&) = delete;
    IdTable& operator=(const IdTable&) = delete;

    /// Readers, inside a ReaderGate::Visit.
    [[nodiscard]] Value find(const Id128& id) const noexcept
    {
        const Array* array = shard_of(id).array.load(std::memory_order_seq_cst);
        return array == nullptr ? Value{} : array->find(id);
    }

    /// Writer. Stores or replaces; returns what was there before, or Value{}.
    template <class Retire>
    Value put(const Id128& id, Value value, Retire&& retire)
    {
        assert(value != Value{}); // would look like an empty slot
        Shard& shard = shard_of(id);
        Array* array = shard.array.load(std::memory_order_relaxed);
        if (array != nullptr) {
            if (auto* slot = array->find_slot(id)) {
                return slot->exchange(value, std::memory_order_seq_cst);
            }
        }
        if (array == nullptr || array->is_full()) {
            array = replace(shard, grown(array), std::forward<Retire>(retire));
        }
        array->insert(id, value);
        return Value{};
    }

    /// Writer. Drops every entry for which `gone(id, value)` is true.
    template <class Gone, class Retire>
    void drop_if(Gone&& gone, Retire&& retire)
    {
        for (auto& shard : shards_) {
            const Array* array = shard.array.load(std::memory_order_relaxed);
            if (array == nullptr) continue;
            std::size_t staying = 0;
            array->for_each([&](const Id128& id, Value value) { staying += !gone(id, value); });
            if (staying == array->size()) continue;
            auto next = staying == 0 ? nullptr : std::make_unique<Array>(buckets_for(staying));
            if (next) {
                array->for_each([&](const Id128& id, Value value) {
                    if (!gone(id, value)) next->insert(id, value);
                });
            }
            replace(shard, std::move(next), retire);
        }
    }

    /// Writer.
    template <class Visit>
    void for_each(Visit&& visit) const
    {
        for (const auto& shard : shards_) {
            if (const Array* array = shard.array.load(std::memory_order_relaxed)) {
                array->for_each(visit);
            }
        }
    }

    /// Writer.
    [[nodiscard]] std::size_t size() const noexcept
    {
        return sum_of_shards([](const Array& array) { return array.size(); });
    }

    /// Writer. Bytes of all arrays and of the table itself.
    [[nodiscard]] std::size_t memory_bytes() const noexcept
    {
        return sizeof(*this) + sum_of_shards([](const Array& array) { return array.bytes(); });
    }

private:
    static constexpr std::size_t cache_line = 64;
    static constexpr std::size_t slots_per_bucket =
        cache_line / (sizeof(Id128) + sizeof(std::atomic<Value>));
    static constexpr std::size_t first_buckets = 4;

    struct alignas(cache_line) Bucket {
        std::array<Id128, slots_per_bucket> ids{};
        std::array<std::atomic<Value>, slots_per_bucket> values{};
    };

    static_assert(sizeof(Bucket) == cache_line);

    class Array {
    public:
        explicit Array(std::size_t buckets) : buckets_(buckets) {}

        [[nodiscard]] Value find(const Id128& id) const noexcept
        {
            for (std::size_t at = home(id);; at = next(at)) {
                const Bucket& bucket = buckets_[at];
                for (std::size_t i = 0; i < slots_per_bucket; ++i) {
                    const Value value = bucket.values[i].load(std::memory_order_acquire);
                    if (value == Value{}) return Value{}; // buckets fill in order: the end
                    if (bucket.ids[i] == id) return value;
                }
            }
        }

        [[nodiscard]] std::atomic<Value>* find_slot(const Id128& id) noexcept
        {
            for (std::size_t at = home(id);; at = next(at)) {
                Bucket& bucket = buckets_[at];
                for (std::size_t i = 0; i < slots_per_bucket; ++i) {
                    if (bucket.values[i].load(std::memory_order_relaxed) == Value{}) return nullptr;
                    if (bucket.ids[i] == id) return &bucket.values[i];
                }
            }
        }

        /// `id` is not there yet and the array is not full.
        void insert(const Id128& id, Value value) noexcept
        {
            for (std::size_t at = home(id);; at = next(at)) {
                Bucket& bucket = buckets_[at];
                for (std::size_t i = 0; i < slots_per_bucket; ++i) {
                    if (bucket.values[i].load(std::memory_order_relaxed) != Value{}) continue;
                    bucket.ids[i] = id; // no reader looks at it before the value is there
                    bucket.values[i].store(value, std::memory_order_release);
                    ++used_;
                    return;
                }
            }
        }

        template <class Visit>
        void for_each(Visit&& visit) const
        {
            for (const auto& bucket : buckets_) {
                for (std::size_t i = 0; i < slots_per_bucket; ++i) {
                    const Value value = bucket.values[i].load(std::memory_order_relaxed);
                    if (value != Value{}) visit(bucket.ids[i], value);
                }
            }
        }

        /// Three quarters: probes stay short and always meet an empty slot.
        [[nodiscard]] bool is_full() const noexcept
        {
            return used_ * 4 >= buckets_.size() * slots_per_bucket * 3;
        }

        [[nodiscard]] std::size_t size() const noexcept { return used_; }

        [[nodiscard]] std::size_t buckets() const noexcept { return buckets_.size(); }

        [[nodiscard]] std::size_t bytes() const noexcept
        {
            return sizeof(*this) + buckets_.size() * sizeof(Bucket);
        }

    private:
        /// The upper half of the product spreads `low` over any number of buckets.
        [[nodiscard]] std::size_t home(const Id128& id) const noexcept
        {
            __extension__ using Wide = unsigned __int128;
            return static_cast<std::size_t>((Wide{id.low} * buckets_.size()) >> 64U);
        }

        [[nodiscard]] std::size_t next(std::size_t at) const noexcept
        {
            return at + 1 == buckets_.size() ? 0 : at + 1;
        }

        std::vector<Bucket> buckets_;
        std::size_t used_ = 0; // the writer's
    };

    struct Shard {
        std::atomic<Array*> array{nullptr};
    };

    static std::size_t buckets_for(std::size_t entries) noexcept
    {
        return std::max(first_buckets, entries * 2 / slots_per_bucket + 1); // half full
    }

    static std::unique_ptr<Array> grown(const Array* old)
    {
        if (old == nullptr) return std::make_unique<Array>(first_buckets);
        auto next = std::make_unique<Array>(old->buckets() + old->buckets() / 2);
        old->for_each([&](const Id128& id, Value value) { next->insert(id, value); });
        return next;
    }

    template <class Retire>
    static Array* replace(Shard& shard, std::unique_ptr<Array> next, Retire&& retire)
    {
        Array* now = next.release();
        const std::unique_ptr<Array> old(shard.array.exchange(now, std::memory_order_seq_cst));
        if (old) retire();
        return now;
    }

    template <class Count>
    [[nodiscard]] std::size_t sum_of_shards(Count&& count) const noexcept
    {
        std::size_t sum = 0;
        for (const auto& shard : shards_) {
            const Array* array = shard.array.load(std::memory_order_relaxed);
            if (array != nullptr) sum += count(*array);
        }
        return sum;
    }

    [[nodiscard]] const Shard& shard_of(const Id128& id) const noexcept
    {
        return shards_[id.high >> 58U];
    }

    [[nodiscard]] Shard& shard_of(const Id128& id) noexcept { return shards_[id.high >> 58U]; }

    std::array<Shard, 64> shards_;
};

} // namespace gatehouse::auth
