#pragma once

#include "gateway/pipeline/refusal.hpp"

#include <array>
#include <atomic>
#include <cstdint>

namespace gatehouse::gateway {

/// A number that one thread changes and any thread may read: no locked instruction.
class Counter {
public:
    void add(std::uint64_t n = 1) noexcept
    {
        value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }

    void subtract(std::uint64_t n = 1) noexcept
    {
        value_.store(value_.load(std::memory_order_relaxed) - n, std::memory_order_relaxed);
    }

    void set(std::uint64_t n) noexcept { value_.store(n, std::memory_order_relaxed); }

    [[nodiscard]] std::uint64_t value() const noexcept
    {
        return value_.load(std::memory_order_relaxed);
    }

private:
    std::atomic<std::uint64_t> value_{0};
};

/// 1 ms to 10 s: the buckets of the duration histogram.
inline constexpr std::array<std::uint64_t, 8> request_microsecond_bounds = {
    1'000, 5'000, 20'000, 100'000, 500'000, 1'000'000, 5'000'000, 10'000'000};

/// What one worker counts; it alone writes. Aligned so that two workers share no cache line.
struct alignas(64) Counters {
    std::array<Counter, 6> requests; // by status / 100; [0]: the client left before an answer
    std::array<Counter, refusal_codes> refusals;
    Counter bytes_in;
    Counter bytes_out;
    Counter connections_accepted;
    Counter connections_open;
    Counter connections_refused; // over limits.connections
    Counter upstream_connections_opened;
    Counter upstream_connections_open;
    Counter upstream_requests_retried;
    Counter token_cache_hits;
    Counter token_cache_misses;
    Counter log_records_dropped;
    /// How many took at most as long as the bound of the same index; the last: longer than all.
    std::array<Counter, request_microsecond_bounds.size() + 1> request_duration;
    Counter request_microseconds; // sum

    void refused(RefusalCode code) noexcept { refusals[static_cast<std::size_t>(code)].add(); }
};

} // namespace gatehouse::gateway
