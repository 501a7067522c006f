#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace gatehouse::auth {

/// The buckets of every histogram of durations, in microseconds: from an answer that was ready in
/// memory (100 us) to an upload that takes a minute. Each bound is at least twice the one before,
/// which is what duration_bucket() rests on.
inline constexpr std::array<std::uint64_t, 18> duration_bounds = {
    100,     250,     500,     1'000,     2'500,     5'000,     10'000,     25'000,     50'000,
    100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000, 30'000'000, 60'000'000};

/// One for each bound, and one for what took longer than all of them.
inline constexpr std::size_t duration_buckets = duration_bounds.size() + 1;

namespace detail {

/// For each number of bits: the first bound that a number of so many bits may stay below.
inline constexpr auto first_bounds = [] {
    std::array<std::uint8_t, 65> first{};
    for (std::size_t bits = 1; bits < first.size(); ++bits) {
        const auto smallest = std::uint64_t{1} << (bits - 1);
        std::uint8_t bound = 0;
        while (bound < duration_bounds.size() && duration_bounds[bound] < smallest) ++bound;
        first[bits] = bound;
    }
    return first;
}();

} // namespace detail

/// Which bucket it belongs to: that of the smallest bound it does not exceed.
[[nodiscard]] constexpr std::size_t duration_bucket(std::uint64_t micros) noexcept
{
    // Numbers of the same length are less than a factor of two apart: one bound at most lies
    // between them.
    const std::size_t first =
        detail::first_bounds[static_cast<std::size_t>(std::bit_width(micros))];
    return first + (first < duration_bounds.size() && micros > duration_bounds[first] ? 1 : 0);
}

[[nodiscard]] constexpr std::uint64_t whole_micros(std::chrono::nanoseconds took) noexcept
{
    return took.count() > 0 ? static_cast<std::uint64_t>(took.count()) / 1000 : 0;
}

/// What a histogram holds at one moment.
struct DurationCounts {
    std::array<std::uint64_t, duration_buckets> buckets{}; // each by itself
    std::uint64_t micros = 0;                              // all together
};

/// A histogram that any thread may add to.
class Durations {
public:
    void add(std::chrono::nanoseconds took) noexcept
    {
        const auto micros = whole_micros(took);
        buckets_[duration_bucket(micros)].fetch_add(1, std::memory_order_relaxed);
        micros_.fetch_add(micros, std::memory_order_relaxed);
    }

    [[nodiscard]] DurationCounts counts() const noexcept
    {
        DurationCounts counts;
        for (std::size_t i = 0; i < duration_buckets; ++i) {
            counts.buckets[i] = buckets_[i].load(std::memory_order_relaxed);
        }
        counts.micros = micros_.load(std::memory_order_relaxed);
        return counts;
    }

private:
    std::array<std::atomic<std::uint64_t>, duration_buckets> buckets_{};
    std::atomic<std::uint64_t> micros_{0};
};

} // namespace gatehouse::auth
