#include "auth/throttle/limits.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace gatehouse::auth {
namespace {

using namespace std::chrono_literals;

constexpr Millis noon{1'800'000'000'000ms};

TEST(PairLimit, GivesFiveFreeTriesThenDoublesTheWaitToAQuarterOfAnHour) // R53
{
    const PairLimit limit(5, 1s, 15min);

    const struct {
        unsigned failures;
        std::chrono::seconds wait;
    } cases[] = {
        {0,             0s  },
        {1,             0s  },
        {4,             0s  },
        {5,             1s  },
        {6,             2s  },
        {7,             4s  },
        {8,             8s  },
        {9,             16s },
        {10,            32s },
        {11,            64s },
        {12,            128s},
        {13,            256s},
        {14,            512s},
        {15,            900s},
        {16,            900s},
        {100,           900s},
        {4'000'000'000, 900s}
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.failures);
        PairState state;
        state.failures = c.failures;
        state.last_ms = noon.time_since_epoch().count();
        EXPECT_EQ(limit.wait(state, noon), c.wait);
        EXPECT_EQ(limit.wait(state, noon + c.wait), 0s) << "the wait is over on its last instant";
        if (c.wait > 0s) EXPECT_EQ(limit.wait(state, noon + c.wait - 1ms), 1ms);
    }
}

TEST(PairLimit, GoesOnCountingWhereItWasAfterAWait)
{
    const PairLimit limit(5, 1s, 15min);
    PairState state;
    auto now = noon;
    std::vector<std::chrono::milliseconds> waits;
    for (int i = 0; i < 9; ++i) {
        const auto wait = limit.wait(state, now);
        waits.push_back(wait);
        now += wait;
        limit.take(state, now);
    }
    EXPECT_EQ(waits, (std::vector<std::chrono::milliseconds>{0s, 0s, 0s, 0s, 0s, 1s, 2s, 4s, 8s}));
}

TEST(PairLimit, ForgetsAPairThatWasLeftAloneForAnHour)
{
    const PairLimit limit(5, 1s, 15min);
    PairState state;
    for (int i = 0; i < 30; ++i) limit.take(state, noon);
    EXPECT_FALSE(limit.is_idle(state, noon + 75min - 1ms));
    EXPECT_TRUE(limit.is_idle(state, noon + 75min));
    limit.take(state, noon + 75min);
    EXPECT_EQ(state.failures, 1U);
}

TEST(PairLimit, IsNotFooledByAClockThatWasSetBack)
{
    const PairLimit limit(5, 1s, 15min);
    PairState state;
    for (int i = 0; i < 5; ++i) limit.take(state, noon);
    EXPECT_EQ(limit.wait(state, noon - 24h), 1s);
}

TEST(PairLimit, IsSwitchedOffByZero)
{
    const PairLimit limit(0, 1s, 15min);
    PairState state;
    for (int i = 0; i < 100; ++i) {
        ASSERT_EQ(limit.wait(state, noon), 0ms);
        limit.take(state, noon);
    }
}

TEST(WindowLimit, AdmitsTheLimitAndThenSaysWhenTheNextIsFree)
{
    const WindowLimit limit(30, 1h); // slices of five minutes
    const auto start = Millis{(noon.time_since_epoch() / 5min) * 5min};
    WindowState state;
    for (int i = 0; i < 30; ++i) {
        ASSERT_EQ(limit.wait(state, start), 0ms) << i;
        limit.take(state, start);
    }
    EXPECT_EQ(limit.wait(state, start), 65min);
    EXPECT_EQ(limit.wait(state, start + 1h), 5min);
    EXPECT_EQ(limit.wait(state, start + 65min), 0ms);
    EXPECT_TRUE(limit.is_idle(state, start + 65min));
}

TEST(WindowLimit, NeverAdmitsMoreThanTheLimitInAnyWindow)
{
    std::mt19937_64 random(5);
    for (const std::uint32_t most : {1U, 3U, 30U}) {
        const WindowLimit limit(most, 10min);
        WindowState state;
        std::vector<Millis> admitted;
        auto now = noon;
        for (int i = 0; i < 20'000; ++i) {
            now += std::chrono::milliseconds(random() % 40'000);
            const auto wait = limit.wait(state, now);
            if (wait > 0ms) {
                // What it promised is kept: after the wait there is room.
                ASSERT_EQ(limit.wait(state, now + wait), 0ms);
                ASSERT_GT(limit.wait(state, now + wait - 1ms), 0ms);
                continue;
            }
            limit.take(state, now);
            admitted.push_back(now);
            if (admitted.size() > most) {
                ASSERT_GE(now - admitted.at(admitted.size() - 1 - most), 10min) << "limit " << most;
            }
        }
        EXPECT_GT(admitted.size(), most * 100);
    }
}

TEST(WindowLimit, TakesBackTheAttemptThatWasGivenBackAndNoOther)
{
    const WindowLimit limit(2, 12min); // slices of a minute
    const auto start = Millis{(noon.time_since_epoch() / 1min) * 1min};
    WindowState state;
    limit.take(state, start);
    limit.take(state, start + 5min);
    ASSERT_GT(limit.wait(state, start + 5min), 0ms);
    limit.give_back(state, start); // taken five slices ago
    EXPECT_EQ(limit.wait(state, start + 5min), 0ms);
    EXPECT_EQ(state.counts.at(0), 1U);
    EXPECT_EQ(state.counts.at(5), 0U);
    limit.give_back(state, start); // once more changes nothing
    limit.give_back(state, start - 24h);
    EXPECT_EQ(limit.weight(state, start + 5min), 1U);
}

TEST(WindowLimit, SurvivesAClockThatJumps)
{
    const WindowLimit limit(1, 10min);
    WindowState state;
    limit.take(state, noon);
    EXPECT_GT(limit.wait(state, noon - 1min), 0ms) << "a small step back frees nobody";
    EXPECT_EQ(limit.wait(state, noon - 24h), 0ms) << "a large one does not block for a day";
    EXPECT_EQ(limit.wait(state, noon + 24h), 0ms);
}

TEST(BucketLimit, AdmitsABurstAndThenARate)
{
    const BucketLimit limit(60, 300);
    BucketState state;
    for (int i = 0; i < 300; ++i) {
        ASSERT_EQ(limit.wait(state, noon), 0ms) << i;
        limit.take(state, noon);
    }
    EXPECT_EQ(limit.wait(state, noon), 1s);
    EXPECT_EQ(limit.wait(state, noon + 400ms), 600ms);
    EXPECT_EQ(limit.wait(state, noon + 1s), 0ms);
    limit.take(state, noon + 1s);
    EXPECT_EQ(limit.wait(state, noon + 1s), 1s);
    EXPECT_FALSE(limit.is_idle(state, noon + 300s));
    EXPECT_TRUE(limit.is_idle(state, noon + 301s));
    EXPECT_EQ(limit.wait(BucketState{}, noon), 0ms);
}

TEST(Limits, AStateSaysNothingMoreAfterItsMemory)
{
    const PairLimit pair(5, 1s, 15min);
    PairState failures;
    for (int i = 0; i < 100; ++i) pair.take(failures, noon);
    EXPECT_TRUE(pair.is_idle(failures, noon + pair.memory()));
    const WindowLimit window(30, 1h);
    WindowState attempts;
    window.take(attempts, noon);
    EXPECT_TRUE(window.is_idle(attempts, noon + window.memory()));
    const BucketLimit bucket(60, 300);
    BucketState empty;
    while (bucket.wait(empty, noon) == 0ms) bucket.take(empty, noon);
    EXPECT_TRUE(bucket.is_idle(empty, noon + bucket.memory()));
}

TEST(BucketLimit, IsSwitchedOffByZero)
{
    const BucketLimit limit(0, 1);
    BucketState state;
    for (int i = 0; i < 10; ++i) limit.take(state, noon);
    EXPECT_EQ(limit.wait(state, noon), 0ms);
}

} // namespace
} // namespace gatehouse::auth
