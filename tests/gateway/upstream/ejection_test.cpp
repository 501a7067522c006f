#include "gateway/upstream/ejection.hpp"
#include "gateway/upstream/health_verdict.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

TEST(Ejection, LeavesAPartOfTheGroupInUseAndAlwaysOne)
{
    struct Case {
        std::size_t total;
        std::size_t in_use;
        double floor;
        bool may;
    };

    const Case cases[] = {
        {1,  1,  0.0, false}, // alone
        {2,  2,  0.5, true },
        {2,  1,  0.5, false},
        {2,  1,  0.0, false}, // the last one
        {3,  3,  0.5, true }, // two stay
        {3,  2,  0.5, false},
        {3,  2,  0.3, true },
        {10, 6,  0.5, true },
        {10, 5,  0.5, false},
        {10, 10, 1.0, false},
        {10, 2,  0.0, true },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(testing::Message() << c.in_use << " of " << c.total << ", floor " << c.floor);
        EXPECT_EQ(may_eject(c.total, c.in_use, c.floor), c.may);
    }
}

TEST(Panic, BeginsBelowTheFloor)
{
    EXPECT_TRUE(must_use_all(3, 0, 0));
    EXPECT_FALSE(must_use_all(3, 1, 0));
    EXPECT_TRUE(must_use_all(3, 1, 0.5));
    EXPECT_FALSE(must_use_all(3, 2, 0.5));
    EXPECT_TRUE(must_use_all(1, 0, 0));
    EXPECT_FALSE(must_use_all(4, 4, 1));
}

TEST(Ejection, LastsLongerEachTimeUntilTheEndpointHasDoneWell)
{
    config::EjectionSettings settings;
    settings.base = 10s;
    settings.most = 35s;
    EjectionRecord record;
    Monotonic now = 1000s;
    for (const Monotonic expected : {10s, 20s, 30s, 35s, 35s}) {
        record = ejected_again(record, now, settings);
        EXPECT_EQ(record.back_at - now, expected);
        now = record.back_at + 34s;
    }
    record = ejected_again(record, record.back_at + 35s, settings);
    EXPECT_EQ(record.times, 1U);
}

TEST(Ejection, LastsNoLongerAfterVeryManyTimes)
{
    config::EjectionSettings settings;
    settings.base = 1h;
    settings.most = 24h;
    EXPECT_EQ(ejection_time({.times = 4'000'000'000U}, settings), Monotonic{24h});
}

TEST(HealthVerdict, TakesSeveralResultsInARowToChange)
{
    config::HealthCheckSettings settings;
    settings.healthy_after = 2;
    settings.unhealthy_after = 3;

    struct Case {
        const char* name;
        const char* results; // g: good, b: bad
        bool healthy;
    };

    const Case cases[] = {
        {"not asked yet",                  "",       true },
        {"the first counts at once",       "b",      false},
        {"and the other way",              "g",      true },
        {"two bad ones are not enough",    "gbb",    true },
        {"three are",                      "gbbb",   false},
        {"a good one between begins anew", "gbbgbb", true },
        {"one good one is not enough",     "gbbbg",  false},
        {"two are",                        "gbbbgg", true },
        {"a bad one between begins anew",  "bgbg",   false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        HealthVerdict verdict;
        for (const char result : std::string_view{c.results}) {
            verdict = after_check(verdict, result == 'g', settings);
        }
        EXPECT_EQ(verdict.healthy, c.healthy);
    }
}

} // namespace
} // namespace gatehouse::gateway
