#include "gateway/upstream/retry.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
using config::RetryCause;

TEST(Retry, IsForWhatMayBeSentTwiceUnlessTold) // R14
{
    config::RetrySettings settings;
    const RetryPolicy usual(settings);
    EXPECT_FALSE(usual.is_on());
    for (const auto* method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}) {
        EXPECT_TRUE(usual.may_repeat(method)) << method;
    }
    for (const auto* method : {"POST", "PATCH", "CONNECT", "BREW", "get", ""}) {
        EXPECT_FALSE(usual.may_repeat(method)) << method;
    }
    settings.methods = {"GET", "POST"};
    const RetryPolicy told(settings);
    EXPECT_TRUE(told.may_repeat("POST"));
    EXPECT_FALSE(told.may_repeat("PUT"));
}

TEST(Retry, IsForTheCausesItIsTold)
{
    config::RetrySettings settings;
    const RetryPolicy usual(settings);
    EXPECT_TRUE(usual.has(RetryCause::connect));
    EXPECT_TRUE(usual.has(RetryCause::reset));
    EXPECT_FALSE(usual.has(RetryCause::timeout));
    EXPECT_FALSE(usual.has(RetryCause::answer_503));
    settings.on = {"timeout", "503"};
    const RetryPolicy told(settings);
    EXPECT_FALSE(told.has(RetryCause::reset));
    EXPECT_TRUE(told.has(RetryCause::timeout));
    EXPECT_TRUE(told.has(RetryCause::answer_503));
    EXPECT_EQ(cause_of(502), RetryCause::answer_502);
    EXPECT_EQ(cause_of(504), RetryCause::answer_504);
    EXPECT_EQ(cause_of(500), std::nullopt);
    EXPECT_EQ(cause_of(200), std::nullopt);
}

TEST(Backoff, IsAnyPartOfABoundThatDoubles)
{
    config::RetrySettings settings;
    settings.backoff = 25ms;
    settings.most = 150ms;

    struct Case {
        std::uint32_t tries;
        double chance;
        Monotonic wait;
    };

    const Case cases[] = {
        {0,             0,     0ms  },
        {0,             0.999, 25ms },
        {0,             0.5,   13ms },
        {1,             0.999, 50ms },
        {2,             0.999, 100ms},
        {3,             0.999, 150ms},
        {4'000'000'000, 0.999, 150ms},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(testing::Message() << c.tries << ", " << c.chance);
        EXPECT_EQ(backoff(settings, c.tries, c.chance), c.wait);
    }
    settings.backoff = 0ms;
    EXPECT_EQ(backoff(settings, 5, 0.999), 0ms);
}

TEST(RetryAfter, IsABound)
{
    struct Case {
        const char* name;
        std::vector<Field> fields;
        std::optional<std::chrono::seconds> expected;
    };

    const Case cases[] = {
        {"says nothing",   {{"Date", "x"}},                                    {}    },
        {"at once",        {{"Retry-After", "0"}},                             0s    },
        {"seconds",        {{"retry-after", "2"}},                             2s    },
        {"a date",         {{"Retry-After", "Sun, 22 Nov 2026 10:00:00 GMT"}}, 86400s},
        {"twice",          {{"Retry-After", "1"}, {"Retry-After", "1"}},       86400s},
        {"very many",      {{"Retry-After", "99999999999999"}},                86400s},
        {"more than fits", {{"Retry-After", "999999999999999999999999"}},      86400s},
        {"a minus",        {{"Retry-After", "-1"}},                            86400s},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(retry_after(c.fields), c.expected);
    }
}

TEST(NextTry, FitsIntoTheTimeThatIsLeft)
{
    config::RetrySettings settings;
    settings.most = 2s;

    struct Case {
        const char* name;
        Monotonic wait;
        Monotonic left;
        std::optional<std::chrono::seconds> asked;
        std::optional<Monotonic> begins; // after this time
    };

    const Case cases[] = {
        {"there is time",                 10ms, 1s,   {}, 10ms},
        {"there is none",                 0ms,  0ms,  {}, {}  },
        {"the wait takes all of it",      10ms, 10ms, {}, {}  },
        {"as the answer asks",            10ms, 5s,   1s, 1s  },
        {"longer than it asks",           10ms, 5s,   0s, 10ms},
        {"it asks for all a retry waits", 10ms, 5s,   2s, 2s  },
        {"it asks for more",              10ms, 60s,  3s, {}  },
        {"it asks for more than is left", 10ms, 1s,   1s, {}  },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto next = next_try(settings, c.wait, c.left, c.asked);
        ASSERT_EQ(next.has_value(), c.begins.has_value());
        if (!next) continue;
        EXPECT_EQ(next->wait, *c.begins);
        EXPECT_EQ(next->left, c.left - *c.begins);
    }
}

TEST(RetryBudget, IsAPartOfTheRequestsAndAFewBesides)
{
    RetryBudget budget;
    int taken = 0;
    for (int i = 0; i < 100; ++i) {
        budget.earn(0.25);
        taken += budget.take(1s, 3) ? 1 : 0; // all at one moment
    }
    EXPECT_EQ(taken, 25 + 3);
}

TEST(RetryBudget, FillsUpWithTimeAndNotBeyondASecond)
{
    RetryBudget budget;
    const auto take_all = [&](Monotonic now) {
        int taken = 0;
        while (taken < 1000 && budget.take(now, 4)) ++taken;
        return taken;
    };
    EXPECT_EQ(take_all(100s), 4);
    EXPECT_EQ(take_all(100s), 0);
    EXPECT_EQ(take_all(100s + 500ms), 2);
    EXPECT_EQ(take_all(900s), 4);
    EXPECT_FALSE(RetryBudget{}.take(1s, 0));
}

TEST(RetryBudget, SavesUpNoStorm)
{
    RetryBudget budget;
    for (int i = 0; i < 1'000'000; ++i) budget.earn(1);
    int taken = 0;
    while (taken < 1000 && budget.take(1s, 0)) ++taken;
    EXPECT_EQ(taken, 100);
}

} // namespace
} // namespace gatehouse::gateway
