#include "gateway/issuers/key_plan.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

class KeyPlanTest : public testing::Test {
protected:
    static constexpr KeyPlan::Terms terms{10min, 30s, 24h};
    const KeyPlan::Time noon = KeyPlan::Time(1000h);
    KeyPlan plan{terms};
};

TEST_F(KeyPlanTest, FetchesAtOnceAndThenAsOftenAsBothSidesWant)
{
    EXPECT_LE(plan.due(), noon);
    plan.fetched(noon, std::nullopt, 0);
    EXPECT_EQ(plan.due(), noon + 10min);
    plan.fetched(noon, std::nullopt, 1);
    EXPECT_EQ(plan.due(), noon + 9min) << "not all gateways in one second";
    plan.fetched(noon, 5min, 0);
    EXPECT_EQ(plan.due(), noon + 5min);
    plan.fetched(noon, 24h, 0);
    EXPECT_EQ(plan.due(), noon + 10min) << "no issuer makes us trust its keys for a day";
    plan.fetched(noon, 0s, 0);
    EXPECT_EQ(plan.due(), noon + 30s) << "and none has us ask without a pause";
}

TEST_F(KeyPlanTest, TriesAgainSoonAndThenLessOften)
{
    const std::chrono::milliseconds pauses[] = {1s, 2s, 4s, 8s, 16s, 32s, 1min, 1min, 1min};
    for (const auto pause : pauses) {
        plan.failed(noon, 0);
        EXPECT_EQ(plan.due(), noon + pause);
    }
    plan.failed(noon, 1);
    EXPECT_EQ(plan.due(), noon + 30s);
    plan.fetched(noon, std::nullopt, 0);
    plan.failed(noon, 0);
    EXPECT_EQ(plan.due(), noon + 1s) << "an answer begins the row anew";
}

TEST_F(KeyPlanTest, FetchesForAKeyThatIsMissingAndNotForEachOfThem)
{
    plan.fetched(noon, std::nullopt, 0);
    EXPECT_FALSE(plan.want(1, noon + 29s)) << "just asked";
    EXPECT_TRUE(plan.want(1, noon + 30s));
    EXPECT_EQ(plan.due(), noon + 30s);
    plan.fetched(noon + 30s, std::nullopt, 0);
    EXPECT_FALSE(plan.want(2, noon + 31s)) << "a made-up name buys one fetch in the cooldown";
    EXPECT_FALSE(plan.want(1, noon + 2min)) << "it was not there";
    EXPECT_TRUE(plan.want(2, noon + 2min));
    plan.fetched(noon + 2min, std::nullopt, 0);
    EXPECT_TRUE(plan.want(1, noon + 6min)) << "it may be there by now";
}

TEST_F(KeyPlanTest, WaitsAfterAFailureToo)
{
    plan.failed(noon, 0);
    EXPECT_FALSE(plan.want(1, noon + 29s));
    EXPECT_TRUE(plan.want(1, noon + 30s));
}

TEST_F(KeyPlanTest, RemembersOnlySoManyThatWereMissing)
{
    KeyPlan hasty({10min, 0ms, 24h});
    for (std::uint64_t key = 0; key < 10'000; ++key) {
        EXPECT_TRUE(hasty.want(key, noon));
        EXPECT_LE(hasty.remembered(), 256U);
    }
}

TEST_F(KeyPlanTest, KnowsWhenKeysAreTooOld)
{
    EXPECT_FALSE(plan.is_stale(noon)) << "there are none";
    EXPECT_EQ(plan.stale_at(), std::nullopt);
    plan.fetched(noon, std::nullopt, 0);
    plan.failed(noon + 23h, 0);
    EXPECT_FALSE(plan.is_stale(noon + 24h - 1s));
    EXPECT_TRUE(plan.is_stale(noon + 24h));
    EXPECT_EQ(plan.stale_at(), noon + 24h);
    plan.follow({1min, 30s, 1h});
    EXPECT_LE(plan.due(), noon) << "a reload asks again";
    EXPECT_TRUE(plan.is_stale(noon + 1h)) << "and makes nothing younger than it is";
}

} // namespace
} // namespace gatehouse::gateway
