#include "auth/throttle/login_throttle.hpp"

#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

using namespace std::chrono_literals;

constexpr Millis noon{1'800'000'000'000ms};
const std::string home = "192.0.2.1";

/// How many of `tries` logins are admitted when none of them succeeds.
int admitted(LoginThrottle& throttle, std::string_view account, std::string_view address, int tries,
             Millis now = noon)
{
    int count = 0;
    for (int i = 0; i < tries; ++i) count += throttle.take_login(account, address, now).has_value();
    return count;
}

config::ThrottleSettings only_pair()
{
    config::ThrottleSettings settings;
    settings.account_per_hour = 0;
    settings.address_per_10_minutes = 0;
    return settings;
}

config::ThrottleSettings only_account()
{
    config::ThrottleSettings settings;
    settings.pair_free = 0;
    settings.address_per_10_minutes = 0;
    return settings;
}

config::ThrottleSettings only_address()
{
    config::ThrottleSettings settings;
    settings.pair_free = 0;
    settings.account_per_hour = 0;
    return settings;
}

TEST(LoginThrottle, StopsTheSixthGuessAtOneAccountFromOneAddress) // R53
{
    LoginThrottle throttle(only_pair());
    EXPECT_EQ(admitted(throttle, "ann", home, 20), 5);
    const auto refused = throttle.take_login("ann", home, noon + 1ms);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().retry_after, 1s) << "rounded up: never too early";
    EXPECT_TRUE(throttle.take_login("ann", home, noon + 1s).has_value());
    EXPECT_EQ(throttle.take_login("ann", home, noon + 1s).error().retry_after, 2s);
}

TEST(LoginThrottle, LeavesOtherAccountsBehindTheSameAddressAlone) // R55
{
    LoginThrottle throttle(only_pair());
    admitted(throttle, "ann", home, 20);
    EXPECT_EQ(admitted(throttle, "bob", home, 1), 1);
    EXPECT_EQ(admitted(throttle, "ann", "192.0.2.2", 1), 1);
}

TEST(LoginThrottle, ARefusedAttemptCostsNothing)
{
    LoginThrottle throttle(only_pair());
    admitted(throttle, "ann", home, 1'000);
    EXPECT_TRUE(throttle.take_login("ann", home, noon + 1s).has_value())
        << "hammering must not lengthen the wait of the person who waits";
}

TEST(LoginThrottle, StopsTheThirtyFirstGuessAtAnAccountFromAnywhere) // R53
{
    LoginThrottle throttle(only_account());
    int count = 0;
    for (int i = 0; i < 100; ++i) {
        count += admitted(throttle, "ann", "198.51.100." + std::to_string(i), 1);
    }
    EXPECT_EQ(count, 30);
    EXPECT_GE(throttle.take_login("ann", home, noon).error().retry_after, 1h);
    EXPECT_EQ(admitted(throttle, "bob", home, 1), 1);
}

TEST(LoginThrottle, StopsThreeHundredGuessesFromOneAddressWhateverTheAccount) // R53
{
    LoginThrottle throttle(only_address());
    int count = 0;
    for (int i = 0; i < 500; ++i) {
        count += admitted(throttle, "user" + std::to_string(i), home, 1);
    }
    EXPECT_EQ(count, 300);
    EXPECT_EQ(admitted(throttle, "ann", "192.0.2.2", 1), 1);
    EXPECT_EQ(admitted(throttle, "ann", home, 1, noon + 11min), 1);
}

TEST(LoginThrottle, TakesFromEveryLimitOrFromNone)
{
    config::ThrottleSettings settings;
    settings.address_per_10_minutes = 6;
    LoginThrottle throttle(settings);
    EXPECT_EQ(admitted(throttle, "ann", home, 50), 5); // the pair says no 45 times
    EXPECT_EQ(admitted(throttle, "bob", home, 50), 1); // and the address had one left
}

TEST(LoginThrottle, SuccessGivesTheSlotBackAndStartsThePairAfresh)
{
    config::ThrottleSettings settings;
    settings.account_per_hour = 8;
    settings.address_per_10_minutes = 0;
    LoginThrottle throttle(settings);
    EXPECT_EQ(admitted(throttle, "ann", home, 4), 4);
    const auto slot = throttle.take_login("ann", home, noon);
    ASSERT_TRUE(slot.has_value());
    throttle.succeeded(*slot);
    EXPECT_EQ(admitted(throttle, "ann", home, 20), 4)
        << "five free again, but four of the account's eight are used up";
}

TEST(LoginThrottle, AttemptsThatJudgedNoPasswordAreGivenBack)
{
    LoginThrottle throttle{config::ThrottleSettings{}};
    for (int i = 0; i < 1'000; ++i) {
        const auto slot = throttle.take_login("ann", home, noon);
        ASSERT_TRUE(slot.has_value()) << i;
        throttle.give_back(*slot);
    }
}

TEST(LoginThrottle, DoesNotMistakeOnePairForAnother)
{
    LoginThrottle throttle(only_pair());
    admitted(throttle, "ab", "c", 20);
    EXPECT_EQ(admitted(throttle, "a", "bc", 1), 1);
    EXPECT_EQ(admitted(throttle, "", "abc", 1), 1);
}

TEST(LoginThrottle, CountsRegistrationsPerAddress)
{
    LoginThrottle throttle{config::ThrottleSettings{}};
    int count = 0;
    for (int i = 0; i < 400; ++i) count += throttle.take_registration(home, noon).has_value();
    EXPECT_EQ(count, 300);
    EXPECT_EQ(throttle.take_registration(home, noon).error().retry_after, 1s);
    EXPECT_TRUE(throttle.take_registration("192.0.2.2", noon).has_value());
    EXPECT_TRUE(throttle.take_registration(home, noon + 1s).has_value());
}

TEST(LoginThrottle, EveryLimitIsSwitchedOffByZero)
{
    config::ThrottleSettings settings;
    settings.pair_free = settings.account_per_hour = settings.address_per_10_minutes = 0;
    settings.registrations_per_minute = 0;
    LoginThrottle throttle(settings);
    EXPECT_EQ(admitted(throttle, "ann", home, 2'000), 2'000);
    for (int i = 0; i < 2'000; ++i) ASSERT_TRUE(throttle.take_registration(home, noon).has_value());
}

TEST(LoginThrottle, AFloodOfOtherNamesFreesNobody)
{
    LoginThrottle throttle(only_account());
    ASSERT_EQ(admitted(throttle, "victim", home, 100), 30);
    // Three times as many accounts as the table has places, one guess at each.
    for (int i = 0; i < 200'000; ++i) {
        [[maybe_unused]] const auto slot =
            throttle.take_login("user" + std::to_string(i), "192.0.2.7", noon);
    }
    EXPECT_EQ(admitted(throttle, "victim", home, 1), 0);
}

TEST(LimitedTable, ANewcomerInheritsWhatItPushesOut)
{
    const WindowLimit limit(100, 1h);
    LimitedTable<WindowState> table(1); // one set of eight
    for (std::uint64_t key = 1; key <= 8; ++key) {
        for (std::uint64_t n = 0; n < key + 2; ++n) limit.take(table.at(key, noon, limit), noon);
    }
    EXPECT_EQ(limit.weight(table.at(99, noon, limit), noon), 3U) << "key 1 had the least";
    EXPECT_EQ(table.state_of(1), nullptr);
    EXPECT_EQ(limit.weight(table.at(1, noon, limit), noon), 3U) << "who comes back lost nothing";
    EXPECT_EQ(limit.weight(table.at(8, noon, limit), noon), 10U);
}

TEST(LimitedTable, ForgetsIdleStatesFirst)
{
    const WindowLimit limit(100, 1h);
    LimitedTable<WindowState> table(1);
    for (std::uint64_t key = 1; key <= 8; ++key) {
        for (int n = 0; n < 50; ++n) limit.take(table.at(key, noon, limit), noon);
    }
    EXPECT_EQ(limit.weight(table.at(99, noon + 2h, limit), noon + 2h), 0U);
}

TEST(ThrottleAddress, CountsWhatOneCustomerOwnsAsOne)
{
    const struct {
        const char* address;
        const char* counted;
    } cases[] = {
        {"192.0.2.1",            "192.0.2.1"        },
        {"::ffff:192.0.2.1",     "192.0.2.1"        },
        {"::FFFF:c000:0201",     "192.0.2.1"        },
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
        {"2001:0DB8:1:2::",      "2001:db8:1:2::/64"},
        {"2001:db8:1:3::",       "2001:db8:1:3::/64"},
        {"fe80::1%eth0",         "fe80::/64"        },
        {"::1",                  "::/64"            },
        {"",                     ""                 },
        {"unix",                 "unix"             },
    };

    for (const auto& c : cases) EXPECT_EQ(throttle_address(c.address), c.counted) << c.address;
}

TEST(LoginThrottle, AnIpv6CustomerCannotChangeAddressToGoOn)
{
    LoginThrottle throttle(only_pair());
    EXPECT_EQ(admitted(throttle, "ann", "2001:db8::1", 5), 5);
    EXPECT_EQ(admitted(throttle, "ann", "2001:db8::ffff:2", 5), 0);
    EXPECT_EQ(admitted(throttle, "ann", "2001:db8:0:1::1", 5), 5);
}

} // namespace
} // namespace gatehouse::auth
