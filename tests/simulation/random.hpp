#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gatehouse::simulation {

/// Every choice of a run comes from here, and from its seed alone (SplitMix64).
class Random {
public:
    explicit Random(std::uint64_t seed) noexcept : state_(seed * 0x2545f4914f6cdd1dULL + 1) {}

    [[nodiscard]] std::uint64_t next() noexcept
    {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31U);
    }

    [[nodiscard]] std::size_t below(std::size_t bound) noexcept { return next() % bound; }

    /// Out of a thousand times, so many are true.
    [[nodiscard]] bool permille(std::size_t share) noexcept { return below(1000) < share; }

    [[nodiscard]] std::chrono::microseconds between(std::chrono::microseconds from,
                                                    std::chrono::microseconds to) noexcept
    {
        const auto span = static_cast<std::size_t>((to - from).count()) + 1;
        return from + std::chrono::microseconds(below(span));
    }

    template <class List>
    [[nodiscard]] auto& any(List& of) noexcept
    {
        return of[below(of.size())];
    }

private:
    std::uint64_t state_;
};

/// While one lives, the operating system's random numbers (ids, salts, hash keys) come from the
/// seed too, so that a run repeats to the last byte.
class SeededSystem {
public:
    explicit SeededSystem(std::uint64_t seed) noexcept;
    ~SeededSystem();
    SeededSystem(const SeededSystem&) = delete;
    SeededSystem& operator=(const SeededSystem&) = delete;

private:
    Random random_;
};

} // namespace gatehouse::simulation
