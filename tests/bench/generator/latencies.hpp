#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gatehouse::bench {

/// Answer times in buckets of one microsecond; the last one holds everything above a second.
class Latencies {
public:
    void add(std::chrono::nanoseconds time)
    {
        const auto us = static_cast<std::size_t>(std::max<std::int64_t>(
            0, std::chrono::duration_cast<std::chrono::microseconds>(time).count()));
        ++buckets_[std::min(us, buckets_.size() - 1)];
        ++count_;
    }

    void add(const Latencies& others)
    {
        for (std::size_t us = 0; us < buckets_.size(); ++us) buckets_[us] += others.buckets_[us];
        count_ += others.count_;
    }

    [[nodiscard]] std::size_t count() const { return count_; }

    /// In microseconds.
    [[nodiscard]] std::size_t quantile(double part) const
    {
        auto left = static_cast<std::size_t>(part * static_cast<double>(count_));
        for (std::size_t us = 0; us < buckets_.size(); ++us) {
            if (buckets_[us] > left) return us;
            left -= buckets_[us];
        }
        return buckets_.size() - 1;
    }

private:
    std::vector<std::uint32_t> buckets_ = std::vector<std::uint32_t>(1'000'000);
    std::size_t count_ = 0;
};

} // namespace gatehouse::bench
