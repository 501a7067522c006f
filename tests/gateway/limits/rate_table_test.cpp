#include "gateway/limits/rate_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

constexpr RateTime noon = 12h;
const auto three_an_hour = RateTerms::of({"user", 3, 1h});

int taken(RateTable& table, std::uint64_t key, int times, RateTime now = noon)
{
    int passed = 0;
    for (int i = 0; i < times; ++i) passed += table.take(key, three_an_hour, now).passes ? 1 : 0;
    return passed;
}

TEST(RateTable, CountsEachKeyByItself)
{
    RateTable table(4);
    EXPECT_EQ(taken(table, 1, 5), 3);
    EXPECT_EQ(taken(table, 2, 5), 3);
    EXPECT_EQ(taken(table, 0, 5), 0) << "0 marks an empty place, and counts as 1";
    EXPECT_EQ(taken(table, 1, 5, noon + 20min), 1);
    EXPECT_EQ(taken(table, 1, 5, noon + 24h), 3);
}

TEST(RateTable, SaysWhatIsLeftBehindTheRequestItCounted)
{
    RateTable table(1);
    EXPECT_EQ(table.look(7, three_an_hour, noon).left, 3U);
    EXPECT_EQ(table.look(7, three_an_hour, noon).left, 3U) << "a look counts nothing";
    EXPECT_EQ(table.take(7, three_an_hour, noon).left, 2U);
    EXPECT_EQ(table.take(7, three_an_hour, noon).left, 1U);
    const auto last = table.take(7, three_an_hour, noon);
    EXPECT_TRUE(last.passes);
    EXPECT_EQ(last.left, 0U);
    EXPECT_EQ(last.wait, 20min);
    const auto refused = table.take(7, three_an_hour, noon + 5min);
    EXPECT_FALSE(refused.passes);
    EXPECT_EQ(refused.wait, 15min) << "who is refused uses nothing up";
    EXPECT_FALSE(table.look(7, three_an_hour, noon + 5min).passes);
}

TEST(RateTable, GivesThePlaceOfWhoIsIdleSoonestToANewKey)
{
    RateTable table(1);
    for (std::uint64_t key = 1; key <= RateTable::ways; ++key) {
        taken(table, key, key == 5 ? 1 : 2); // the fifth has used least
    }
    EXPECT_EQ(table.displaced(), 0U);
    EXPECT_EQ(taken(table, 100, 5), 3) << "it begins afresh";
    EXPECT_EQ(table.displaced(), 1U);
    EXPECT_EQ(table.look(5, three_an_hour, noon).left, 3U) << "it is forgotten";
    for (std::uint64_t key = 1; key <= RateTable::ways; ++key) {
        if (key == 5) continue;
        EXPECT_EQ(table.look(key, three_an_hour, noon).left, 1U) << key;
    }
}

TEST(RateTable, ForgetsWhoIsIdleWithoutAWord)
{
    RateTable table(1);
    for (std::uint64_t key = 1; key <= RateTable::ways; ++key) taken(table, key, 3);
    EXPECT_EQ(taken(table, 100, 3, noon + 2h), 3);
    EXPECT_EQ(table.displaced(), 0U);
}

// A flood of keys: the table stays as it is, and who is over the limit goes last.
TEST(RateTable, IsNotEmptiedByAFloodOfNewKeys)
{
    RateTable table(8);
    EXPECT_EQ(taken(table, 3, 9), 3);
    for (std::uint64_t key = 1000; key < 101'000; ++key) taken(table, key, 1);
    EXPECT_EQ(taken(table, 3, 9), 0);
}

TEST(RateTable, TellsWhatWasCountedOnceAndOfSharedRatesOnly)
{
    RateTable own(4);
    taken(own, 1, 2);
    EXPECT_TRUE(own.collect(10, three_an_hour, noon).empty());

    RateTable table(4, RateTable::Kind::shared);
    taken(table, 1, 2);
    taken(table, 2, 5);
    const auto first = table.collect(1, three_an_hour, noon);
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0].key, 1U);
    EXPECT_EQ(first[0].requests, 2U);
    const auto second = table.collect(10, three_an_hour, noon);
    ASSERT_EQ(second.size(), 1U);
    EXPECT_EQ(second[0].key, 2U);
    EXPECT_EQ(second[0].requests, 3U) << "what was refused was not counted";
    EXPECT_TRUE(table.collect(10, three_an_hour, noon).empty());
    taken(table, 1, 1);
    EXPECT_EQ(table.collect(10, three_an_hour, noon).size(), 1U);
}

TEST(RateTable, TellsOnlyOfKeysThatUseMuchAndOnlyWhatHasNotComeBack)
{
    const auto terms = RateTerms::of({"user", 60, 1h, 16}); // one each minute
    RateTable table(4, RateTable::Kind::shared);
    (void)table.take(1, terms, noon);
    EXPECT_TRUE(table.collect(10, terms, noon).empty()) << "one of sixteen";
    (void)table.take(1, terms, noon);
    EXPECT_EQ(table.collect(10, terms, noon).size(), 1U) << "two are an eighth";
    for (auto now = noon; now < noon + 10h; now += 1min) (void)table.take(2, terms, now);
    (void)table.take(2, terms, noon + 10h);
    (void)table.take(2, terms, noon + 10h);
    const auto told = table.collect(10, terms, noon + 10h);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_LE(told[0].requests, 4U) << "six hundred of them have come back long ago";
}

TEST(RateTable, KeepsWhatItHearsOnTopOfWhatItCountedSince)
{
    RateTable table(4, RateTable::Kind::shared);
    const auto terms = RateTerms::of({"user", 60, 1h, 8}); // one each minute
    (void)table.take(1, terms, noon);
    (void)table.collect(10, terms, noon);
    (void)table.take(1, terms, noon); // while the others are asked
    table.heard(1, terms, noon + 10min);
    EXPECT_EQ(table.look(1, terms, noon).all_back, 11min);
    table.heard(1, terms, noon + 2min);
    EXPECT_EQ(table.look(1, terms, noon).all_back, 11min) << "never back";
    table.heard(77, terms, noon + 10min);
    EXPECT_EQ(table.look(77, terms, noon).all_back, 0min) << "a key that was pushed out stays out";
}

} // namespace
} // namespace gatehouse::gateway
