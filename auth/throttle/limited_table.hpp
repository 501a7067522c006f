#pragma once

#include "auth/basics/clock.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>

namespace gatehouse::auth {

/// Limit states by keyed fingerprint, in memory of fixed size: sets of eight, so that a flood of
/// new names can neither grow it nor aim at an entry.
///
/// When a set is full of states that still matter, a newcomer takes the place of the lightest AND
/// its state. So pushing entries out frees nobody: whoever comes back finds at least as much
/// against him as when he was pushed out, and the price of a place is what it weighs.
///
/// A page of the table costs memory only once it was used. Not thread-safe.
template <class State>
class LimitedTable {
    static_assert(std::is_trivially_copyable_v<State>, "cleared memory has to be a fresh state");

public:
    static constexpr std::size_t ways = 8;

    /// `sets` is a power of two. 8192 sets of eight: 65,536 entries.
    explicit LimitedTable(std::size_t sets = 8192)
        : mask_(sets - 1),
          sets_(static_cast<Set*>(std::calloc(sets, sizeof(Set))))
    {
        if (!sets_) throw std::bad_alloc();
    }

    /// The state of `key`, which is claimed if it was not there. Valid until the next call.
    template <class Limit>
    [[nodiscard]] State& at(std::uint64_t key, Millis now, const Limit& limit) noexcept
    {
        auto& entries = set_of(key);
        if (Entry* known = find(key)) return known->state;
        const auto weight = [&](const Entry& entry) {
            return limit.is_idle(entry.state, now) ? 0 : limit.weight(entry.state, now);
        };
        Entry& lightest =
            *std::min_element(entries.begin(), entries.end(), [&](const Entry& a, const Entry& b) {
                return weight(a) < weight(b);
            });
        if (weight(lightest) == 0) lightest.state = State{};
        lightest.key = nonzero(key);
        return lightest.state;
    }

    /// Null: not there (any more).
    [[nodiscard]] State* state_of(std::uint64_t key) noexcept
    {
        Entry* entry = find(key);
        return entry == nullptr ? nullptr : &entry->state;
    }

private:
    struct Entry {
        std::uint64_t key = 0; // 0: never used
        State state{};
    };

    using Set = std::array<Entry, ways>;

    struct Free {
        void operator()(Set* memory) const noexcept { std::free(memory); } // NOLINT: calloc's
    };

    static std::uint64_t nonzero(std::uint64_t key) noexcept { return key == 0 ? 1 : key; }

    [[nodiscard]] Set& set_of(std::uint64_t key) noexcept
    {
        return sets_.get()[nonzero(key) & mask_];
    }

    [[nodiscard]] Entry* find(std::uint64_t key) noexcept
    {
        for (auto& entry : set_of(key)) {
            if (entry.key == nonzero(key)) return &entry;
        }
        return nullptr;
    }

    std::size_t mask_;
    std::unique_ptr<Set, Free> sets_;
};

} // namespace gatehouse::auth
