#include "auth/basics/durations.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace gatehouse::auth {
namespace {

using namespace std::chrono_literals;

/// What duration_bucket() has to come to, found the plain way.
std::size_t bucket_by_search(std::uint64_t micros)
{
    return static_cast<std::size_t>(std::ranges::lower_bound(duration_bounds, micros) -
                                    duration_bounds.begin());
}

TEST(DurationBucket, IsThatOfTheSmallestBoundThatIsNotExceeded)
{
    for (std::uint64_t micros = 0; micros < 300'000; ++micros) {
        ASSERT_EQ(duration_bucket(micros), bucket_by_search(micros)) << micros;
    }
    for (const auto bound : duration_bounds) {
        for (const auto micros : {bound - 1, bound, bound + 1}) {
            EXPECT_EQ(duration_bucket(micros), bucket_by_search(micros)) << micros;
        }
    }
    for (int bits = 0; bits < 64; ++bits) {
        const auto micros = std::uint64_t{1} << bits;
        EXPECT_EQ(duration_bucket(micros), bucket_by_search(micros)) << micros;
        EXPECT_EQ(duration_bucket(micros - 1), bucket_by_search(micros - 1)) << micros;
    }
    EXPECT_EQ(duration_bucket(~std::uint64_t{0}), duration_bounds.size());
}

TEST(DurationBucket, BoundsAreFarEnoughApart)
{
    for (std::size_t i = 1; i < duration_bounds.size(); ++i) {
        EXPECT_GE(duration_bounds[i], 2 * duration_bounds[i - 1]) << i;
    }
}

TEST(Durations, CountEachOnceAndAddUp)
{
    Durations durations;
    durations.add(100us);
    durations.add(101us);
    durations.add(2min);
    durations.add(-5ms); // a clock that was set back
    const auto counts = durations.counts();
    EXPECT_EQ(counts.buckets[0], 2U);
    EXPECT_EQ(counts.buckets[1], 1U);
    EXPECT_EQ(counts.buckets[duration_bounds.size()], 1U);
    EXPECT_EQ(counts.micros, 201U + 120'000'000U);
}

} // namespace
} // namespace gatehouse::auth
