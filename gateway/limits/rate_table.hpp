#pragma once

#include "gateway/limits/gcra.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <vector>

namespace gatehouse::gateway {

/// The keys of one rate and when their buckets are full, for all workers, in memory of fixed size:
/// sets of eight, chosen by a keyed hash, so that a flood of new keys can neither make it grow nor
/// aim at an entry. A key that is known costs two cache lines and one compare-and-swap. A new one
/// takes the place of whichever in its set will be idle first, and begins afresh.
///
/// What counts is exact over all workers, but for keys that are pushed out.
class RateTable {
public:
    static constexpr std::size_t ways = 8;
    static constexpr std::size_t usual_sets = 16'384; // 131,072 keys, 2 MiB when all were used

    enum class Kind : std::uint8_t { own, shared };

    /// `sets`: a power of two. A page of the table costs memory only once it was used.
    explicit RateTable(std::size_t sets = usual_sets, Kind kind = Kind::own);
    RateTable(const RateTable&) = delete;
    RateTable& operator=(const RateTable&) = delete;
    ~RateTable();

    /// How `key` stands; nothing is counted.
    [[nodiscard]] RateVerdict look(std::uint64_t key, const RateTerms& terms,
                                   RateTime now) const noexcept;

    /// Counts one request, if it passes. What the verdict says of others is without it.
    [[nodiscard]] RateVerdict take(std::uint64_t key, const RateTerms& terms,
                                   RateTime now) noexcept;

    /// Keys that were pushed out while they still said something.
    [[nodiscard]] std::uint64_t displaced() const noexcept
    {
        return displaced_.load(std::memory_order_relaxed);
    }

    // Of a shared rate: what others have to hear, and what was heard of others.

    struct Spent {
        std::uint64_t key = 0;
        std::uint32_t requests = 0;
    };

    /// At most so many keys that have used an eighth of what they may, with what was counted since
    /// they were collected last; those beyond it come the next time. Keys that ask once are
    /// nobody's concern: a flood of them stays here.
    [[nodiscard]] std::vector<Spent> collect(std::size_t at_most, const RateTerms& terms,
                                             RateTime now);

    /// All gateways together have come to `full_at` with this key; what was counted here since it
    /// was collected comes on top. Does nothing to a key that has been pushed out.
    void heard(std::uint64_t key, const RateTerms& terms, RateTime full_at) noexcept;

private:
    /// The keys on one cache line, their times on the next.
    struct Set {
        std::array<std::uint64_t, ways> keys;
        std::array<std::int64_t, ways> full_at;
    };

    static_assert(sizeof(Set) == 128);

    struct Place {
        std::size_t set = 0;
        std::size_t way = 0;
        bool found = false;
    };

    struct Free {
        void operator()(void* memory) const noexcept { std::free(memory); } // NOLINT: calloc's
    };

    /// Of a place in spent_: its key waits to be collected.
    static constexpr std::uint32_t waits = 1U << 31U;

    /// How many locks new keys share; keys that are known take none.
    static constexpr std::size_t locks = 64;
    /// Shared keys that may wait to be collected. Beyond that they count here alone.
    static constexpr std::size_t most_waiting = 4096;

    static std::uint64_t nonzero(std::uint64_t key) noexcept { return key == 0 ? 1 : key; }

    [[nodiscard]] Place find(std::uint64_t key) const noexcept;
    [[nodiscard]] Place claim(std::uint64_t key, RateTime now) noexcept;
    [[nodiscard]] std::atomic_ref<std::uint64_t> key_at(const Place& place) const noexcept;
    [[nodiscard]] std::atomic_ref<std::int64_t> time_at(const Place& place) const noexcept;
    [[nodiscard]] std::atomic_ref<std::uint32_t> spent_at(const Place& place) const noexcept;
    void note(const Place& place, std::uint64_t key, bool is_worth_telling) noexcept;

    std::size_t mask_;
    std::unique_ptr<void, Free> memory_;
    Set* sets_;
    std::unique_ptr<void, Free> spent_; // of a shared rate: requests to be told, by place
    std::array<std::mutex, locks> new_keys_;
    std::atomic<std::uint64_t> displaced_{0};
    std::mutex waiting_mutex_;
    std::vector<std::uint64_t> waiting_; // guarded by waiting_mutex_: keys with something to tell
};

} // namespace gatehouse::gateway
