#include "auth/throttle/limited_table.hpp"
#include "auth/throttle/limits.hpp"
#include "tests/auth/throttle/counted.hpp"

/// What is not the same wherever it counts; the rest is in login_throttle_contract_test.cpp.
namespace gatehouse::auth {
namespace {

using contract::StatesInMemory;

constexpr Millis noon{1'800'000'000'000ms};
const std::string home = "192.0.2.1";

TEST(LoginThrottle, AFloodOfOtherNamesFreesNobody)
{
    const FakeClock clock;
    LoginThrottle throttle(contract::only_account(), clock);
    for (int i = 0; i < 30; ++i) ASSERT_TRUE(throttle.take_login("victim", home).has_value());
    // Three times as many accounts as the table has places, one guess at each.
    for (int i = 0; i < 200'000; ++i) {
        [[maybe_unused]] const auto slot =
            throttle.take_login("user" + std::to_string(i), "192.0.2.7");
    }
    EXPECT_FALSE(throttle.take_login("victim", home).has_value());
}

class ThrottleInStore : public testing::Test {
protected:
    FakeClock clock;
    StatesInMemory states{clock};
    LoginThrottle throttle{{}, states, LoginThrottle::new_fingerprint_key()};
};

TEST_F(ThrottleInStore, LetsNobodyInWhileItIsDown) // R63
{
    const auto slot = throttle.take_login("ann", home);
    ASSERT_TRUE(slot.has_value());
    states.down = true;
    const auto login = throttle.take_login("ann", home);
    ASSERT_FALSE(login.has_value());
    EXPECT_FALSE(login.error().retry_after);
    const auto registration = throttle.take_registration(home);
    ASSERT_FALSE(registration.has_value());
    EXPECT_FALSE(registration.error().retry_after);
    EXPECT_FALSE(throttle.take_mail_from(home).has_value());
    EXPECT_FALSE(throttle.take_mail_to("id", "reset").has_value());
    const auto options = throttle.take_passkey_options(home);
    ASSERT_FALSE(options.has_value());
    EXPECT_FALSE(options.error().retry_after);
    EXPECT_FALSE(throttle.take_passkey("key", home).has_value());
    throttle.succeeded(*slot); // nobody hears of it
    states.down = false;
    int left = 0;
    for (int i = 0; i < 20; ++i) left += throttle.take_login("ann", home).has_value();
    EXPECT_EQ(left, 4);
}

TEST_F(ThrottleInStore, LetsNobodyInOnCountsItCannotRead)
{
    ASSERT_TRUE(throttle.take_login("ann", home).has_value());
    ASSERT_TRUE(throttle.take_registration(home).has_value());
    for (auto& [key, text] : states.states) text = "many";
    EXPECT_FALSE(throttle.take_login("ann", home).has_value());
    EXPECT_FALSE(throttle.take_registration(home).has_value());
    EXPECT_TRUE(throttle.take_login("bob", "192.0.2.2").has_value());
}

TEST_F(ThrottleInStore, HasNoNamesAndNoAddressesThere)
{
    ASSERT_TRUE(throttle.take_login("name:ann@example.com", home).has_value());
    ASSERT_TRUE(throttle.take_registration(home).has_value());
    EXPECT_EQ(states.states.size(), 4U);
    for (const auto& [key, text] : states.states) {
        EXPECT_EQ(key.size(), 16U);
        EXPECT_EQ(key.find_first_not_of("0123456789abcdef"), key.npos) << key;
        EXPECT_EQ(text.find_first_not_of("0123456789 "), text.npos) << text;
    }
    StatesInMemory others(clock);
    LoginThrottle another({}, others, LoginThrottle::new_fingerprint_key());
    ASSERT_TRUE(another.take_login("name:ann@example.com", home).has_value());
    for (const auto& [key, text] : others.states) EXPECT_FALSE(states.states.contains(key));
}

TEST_F(ThrottleInStore, AsksNothingForLimitsThatAreOff)
{
    auto settings = contract::only_pair();
    settings.registrations_per_minute = 0;
    LoginThrottle pairs(settings, states, LoginThrottle::new_fingerprint_key());
    ASSERT_TRUE(pairs.take_login("ann", home).has_value());
    EXPECT_EQ(states.states.size(), 1U);
    settings.pair_free = 0;
    states.calls = 0;
    LoginThrottle nothing(settings, states, LoginThrottle::new_fingerprint_key());
    const auto slot = nothing.take_login("ann", home);
    ASSERT_TRUE(slot.has_value());
    nothing.succeeded(*slot);
    ASSERT_TRUE(nothing.take_registration(home).has_value());
    EXPECT_EQ(states.calls, 0);
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

} // namespace
} // namespace gatehouse::auth
