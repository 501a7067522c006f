#pragma once

#include <atomic>
#include <cstdint>

namespace gatehouse::gateway {

/// What is worth one line under one set of settings and not a line each time. Any thread may ask.
class SaidOnce {
public:
    /// True for the first who asks under this generation or a newer one.
    [[nodiscard]] bool is_new(std::uint64_t generation) noexcept
    {
        auto last = last_.load(std::memory_order_relaxed);
        return last < generation &&
               last_.compare_exchange_strong(last, generation, std::memory_order_relaxed);
    }

private:
    std::atomic<std::uint64_t> last_{0}; // generations count from 1
};

} // namespace gatehouse::gateway
