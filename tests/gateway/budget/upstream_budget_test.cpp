#include "gateway/budget/upstream_budget.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
using Time = UpstreamBudget::Time;

int taken(UpstreamBudget& budget, int times, Time now)
{
    int passed = 0;
    for (int i = 0; i < times; ++i) passed += budget.take(now).passes ? 1 : 0;
    return passed;
}

QuotaNews closed(std::chrono::seconds time)
{
    QuotaNews news;
    news.closed = time;
    return news;
}

TEST(UpstreamBudget, CountsWhatIsUnderWayAndWhatWasThere)
{
    UpstreamBudget budget(nullptr);
    budget.use({.requests = 3, .per = 32s});
    EXPECT_EQ(taken(budget, 9, 100s), 3);
    budget.end(110s);
    EXPECT_EQ(taken(budget, 9, 141s), 0) << "it may have got there at 110";
    EXPECT_EQ(taken(budget, 9, 143s), 1);
    budget.give_back(); // never sent
    EXPECT_EQ(taken(budget, 9, 143s), 1);
}

TEST(UpstreamBudget, SaysWhenToAskAgain)
{
    UpstreamBudget budget(nullptr);
    budget.use({.requests = 1, .per = 32s});
    EXPECT_EQ(taken(budget, 1, 100s), 1);
    EXPECT_LT(budget.take(100s).wait, 1s) << "it may end at any time, and count from then";
    budget.end(100s);
    EXPECT_EQ(budget.take(101s).wait, Time{32s});
}

TEST(UpstreamBudget, ObeysWhatAnswersSay)
{
    UpstreamBudget budget(nullptr);
    budget.use({});
    EXPECT_EQ(taken(budget, 100, 100s), 100);
    budget.hear(closed(10s), 100s);
    EXPECT_EQ(taken(budget, 1, 105s), 0);
    EXPECT_EQ(budget.take(105s).wait, Time{5s});
    EXPECT_EQ(taken(budget, 1, 110s), 1);
}

TEST(UpstreamBudget, ObeysNothingWhereItIsToldSo)
{
    UpstreamBudget budget(nullptr);
    budget.use({.requests = 5, .obey = false});
    budget.hear(closed(10s), 100s);
    EXPECT_EQ(taken(budget, 9, 101s), 5);
}

TEST(UpstreamBudget, GoesOnCountingWhenSettingsChange)
{
    UpstreamBudget budget(nullptr);
    budget.use({.requests = 5, .per = 1h});
    const auto now = UpstreamBudget::now();
    EXPECT_EQ(taken(budget, 9, now), 5);
    for (int i = 0; i < 5; ++i) budget.end(now);
    budget.use({.requests = 7, .per = 2h});
    EXPECT_EQ(taken(budget, 9, UpstreamBudget::now()), 2);
}

TEST(UpstreamBudget, IsAloneWhereNobodyShares)
{
    UpstreamBudget budget(nullptr);
    budget.use({.requests = 2, .per = 1h, .shared = true});
    EXPECT_EQ(taken(budget, 9, 100s), 2);
}

} // namespace
} // namespace gatehouse::gateway
