#include "gateway/budget/told_quota.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
using Time = ToldQuota::Time;

QuotaNews left(std::uint64_t requests, std::chrono::seconds until)
{
    QuotaNews news;
    news.left[0] = {requests, until};
    news.lefts = 1;
    return news;
}

QuotaNews closed(std::chrono::seconds time)
{
    QuotaNews news;
    news.closed = time;
    return news;
}

int taken(ToldQuota& quota, int times, Time now)
{
    int passed = 0;
    for (int i = 0; i < times; ++i) {
        if (!quota.may_take(now)) break;
        quota.take();
        ++passed;
    }
    return passed;
}

TEST(ToldQuota, AllowsAnythingUntilSomebodySaysSomething)
{
    ToldQuota quota;
    EXPECT_EQ(taken(quota, 1000, 5s), 1000);
}

TEST(ToldQuota, IsClosedForAsLongAsAsked)
{
    ToldQuota quota;
    quota.hear(closed(10s), 0, 100s);
    quota.hear(closed(2s), 0, 101s); // a later answer does not open it
    EXPECT_FALSE(quota.may_take(109999ms));
    EXPECT_EQ(quota.open_at(105s), Time{110s});
    EXPECT_TRUE(quota.may_take(110s));
}

TEST(ToldQuota, TakesOffWhatIsStillUnderWay)
{
    ToldQuota quota;
    quota.hear(left(5, 60s), 2, 100s);
    EXPECT_EQ(taken(quota, 9, 100s), 3);
    EXPECT_EQ(quota.open_at(100s), Time{160s});
    EXPECT_EQ(taken(quota, 9, 160s), 9) << "what comes then is not known before an answer says it";
}

TEST(ToldQuota, BelievesNoAnswerThatWasOvertaken)
{
    ToldQuota quota;
    quota.hear(left(4, 60s), 1, 100s); // the second answer, before the first
    quota.hear(left(5, 60s), 0, 100s);
    EXPECT_EQ(taken(quota, 9, 100s), 3);
}

TEST(ToldQuota, KeepsToBothWindowsWhileTheyOverlap)
{
    ToldQuota quota;
    quota.hear(left(2, 5s), 0, 100s);
    quota.hear(left(50, 60s), 0, 100s);
    EXPECT_EQ(taken(quota, 99, 104s), 2);
    EXPECT_EQ(taken(quota, 99, 105s), 48) << "the first is over, the second has counted them";
}

TEST(ToldQuota, KeepsTheWindowsOfASenderApart)
{
    const auto both = [](std::uint64_t burst, std::uint64_t day, std::chrono::seconds end) {
        QuotaNews news;
        news.left[0] = {day, end};
        news.left[1] = {burst, 5s};
        news.lefts = 2;
        return news;
    };
    ToldQuota quota;
    quota.hear(both(1, 900, 3600s), 0, 100s);
    EXPECT_EQ(taken(quota, 99, 100s), 1);
    EXPECT_EQ(quota.open_at(100s), Time{105s}) << "and not in an hour";
    EXPECT_EQ(taken(quota, 1, 105s), 1) << "the next one begins";
    quota.hear(both(4, 898, 3595s), 0, 105s);
    EXPECT_EQ(taken(quota, 99, 106s), 4);
    EXPECT_EQ(taken(quota, 9999, 110s), 894) << "what the burst had left is not what the day has";
    EXPECT_EQ(quota.open_at(110s), Time{3700s});
}

TEST(ToldQuota, HasRoomForSoManyWindowsAndIsStricterBeyond)
{
    ToldQuota quota;
    for (int i = 1; i <= 20; ++i) quota.hear(left(100, i * 10s), 0, 100s);
    quota.hear(left(1, 1000s), 0, 100s);
    EXPECT_EQ(taken(quota, 99, 100s), 1);
    EXPECT_EQ(taken(quota, 99, 1099s), 0);
}

TEST(ToldQuota, GivesBackWhatWasNeverSent)
{
    ToldQuota quota;
    quota.hear(left(1, 60s), 0, 100s);
    EXPECT_EQ(taken(quota, 9, 100s), 1);
    quota.give_back();
    EXPECT_EQ(taken(quota, 9, 100s), 1);
}

TEST(ToldQuota, GivesNothingBackWhereTooMuchIsUnderWay)
{
    ToldQuota quota;
    quota.hear(left(3, 60s), 5, 100s);
    quota.give_back();
    EXPECT_EQ(taken(quota, 9, 100s), 0) << "four may still get there, and there is room for three";
    quota.give_back();
    quota.give_back();
    EXPECT_EQ(taken(quota, 9, 100s), 1);
}

/// A service with a quota by fixed windows, which counts a request when it gets there, and answers
/// that take any time to come back.
TEST(ToldQuota, NeverExceedsAServiceThatSaysWhatIsLeft)
{
    constexpr int most = 50;
    constexpr auto per = 10s;
    for (unsigned seed = 1; seed <= 20; ++seed) {
        struct Request {
            Time arrives;
            Time answers;
            QuotaNews news{};
            bool arrived = false;
        };

        std::mt19937_64 chance(seed);
        const auto any = [&](int millis) {
            return Time(static_cast<std::int64_t>(chance() % static_cast<unsigned>(millis)) *
                        1'000'000);
        };
        ToldQuota quota;
        std::vector<Request> requests;
        std::int64_t window = -1;
        int counted = 0;
        int refused = 0;
        int served = 0;
        // The first one learns what there is before the others come.
        for (Time now = 0s; now < 60s; now += 5ms) {
            for (auto& request : requests) {
                if (request.arrived || request.arrives > now) continue;
                request.arrived = true;
                if (const auto current = now / per; current != window) {
                    window = current;
                    counted = 0;
                }
                ++(counted < most ? served : refused);
                counted = std::min(counted + 1, most);
                const auto end = std::chrono::ceil<std::chrono::seconds>((window + 1) * per - now);
                request.news = left(static_cast<std::uint64_t>(most - counted), end);
            }
            for (auto it = requests.begin(); it != requests.end();) {
                if (!it->arrived || it->answers > now) {
                    ++it;
                    continue;
                }
                const auto news = it->news;
                it = requests.erase(it);
                quota.hear(news, static_cast<std::uint32_t>(requests.size()), now);
            }
            const bool first = served == 0;
            if (requests.size() < (first ? 1U : 8U) && quota.may_take(now)) {
                quota.take();
                const auto arrives = now + any(20);
                requests.push_back({arrives, arrives + any(60)});
            }
        }
        // When a window ends nobody knows yet what the next one allows: that is asked by those who
        // come first, and there is room for them.
        EXPECT_EQ(refused, 0) << "seed " << seed;
        EXPECT_GT(served, 6 * most * 6 / 10) << "seed " << seed;
    }
}

} // namespace
} // namespace gatehouse::gateway
