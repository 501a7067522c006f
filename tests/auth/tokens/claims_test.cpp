#include "auth/tokens/claims.hpp"
#include "tests/auth/tokens/forge.hpp"

#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

using namespace testing;

constexpr auto leeway = 30s;

// R34
TEST(CheckTimes, HonoursExpiryAndNotBeforeWithLeeway)
{
    struct Case {
        const char* name;
        TimeClaims claims;
        Result<void, TokenError> expected;
    };

    const Result<void, TokenError> fine;
    const Case cases[] = {
        {"inside its lifetime",           {noon + 60s, {}},         fine                     },
        {"expired within the leeway",     {noon - 29s, {}},         fine                     },
        {"expired at the leeway",         {noon - 30s, {}},         TokenError::expired      },
        {"expired long ago",              {noon - 24h, {}},         TokenError::expired      },
        {"no expiry at all",              {{}, {}},                 TokenError::malformed    },
        {"not before now",                {noon + 60s, noon},       fine                     },
        {"not before, at the leeway",     {noon + 60s, noon + 30s}, fine                     },
        {"not before, beyond the leeway", {noon + 60s, noon + 31s}, TokenError::not_yet_valid},
        {"expired before it began",       {noon - 60s, noon + 60s}, TokenError::expired      },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(check_times(c.claims, noon, leeway), c.expected);
    }
}

TEST(CheckTimes, RefusesOnTheVeryInstantWithoutLeeway)
{
    EXPECT_EQ(check_times({noon, {}}, noon, 0s), TokenError::expired);
    EXPECT_TRUE(check_times({noon + 1s, {}}, noon, 0s));
}

// R34: replicas' clocks differ, so far at most
TEST(CheckIssuedAt, AllowsSoMuchAhead)
{
    EXPECT_TRUE(check_issued_at(noon - 24h, noon, 60s));
    EXPECT_TRUE(check_issued_at(noon + 60s, noon, 60s));
    EXPECT_EQ(check_issued_at(noon + 61s, noon, 60s), TokenError::not_yet_valid);
    EXPECT_TRUE(check_issued_at(noon, noon, 0s));
    EXPECT_EQ(check_issued_at(noon + 1s, noon, 0s), TokenError::not_yet_valid);
}

} // namespace
} // namespace gatehouse::auth
