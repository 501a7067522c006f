#include "tests/auth/throttle/counted.hpp"

namespace gatehouse::auth::contract {
namespace {

class ThrottleContract : public Counted {};

INSTANTIATE_TEST_SUITE_P(Places, ThrottleContract, every_place, name_of);

TEST_P(ThrottleContract, StopsTheSixthGuessAtOneAccountFromOneAddress) // R53
{
    const auto throttle = open(only_pair());
    EXPECT_EQ(admitted(*throttle, "ann", home, 20), 5);
    clock.advance(1ms);
    const auto refused = throttle->take_login("ann", home);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().retry_after, 1s) << "rounded up: never too early";
    clock.advance(999ms);
    EXPECT_TRUE(throttle->take_login("ann", home).has_value());
    EXPECT_EQ(throttle->take_login("ann", home).error().retry_after, 2s);
}

TEST_P(ThrottleContract, LeavesOtherAccountsBehindTheSameAddressAlone) // R55
{
    const auto throttle = open(only_pair());
    admitted(*throttle, "ann", home, 20);
    EXPECT_EQ(admitted(*throttle, "bob", home, 1), 1);
    EXPECT_EQ(admitted(*throttle, "ann", "192.0.2.2", 1), 1);
}

TEST_P(ThrottleContract, ARefusedAttemptCostsNothing)
{
    const auto throttle = open(only_pair());
    admitted(*throttle, "ann", home, 300);
    clock.advance(1s);
    EXPECT_TRUE(throttle->take_login("ann", home).has_value())
        << "hammering must not lengthen the wait of the person who waits";
}

TEST_P(ThrottleContract, StopsTheThirtyFirstGuessAtAnAccountFromAnywhere) // R53
{
    const auto throttle = open(only_account());
    int count = 0;
    for (int i = 0; i < 100; ++i) {
        count += admitted(*throttle, "ann", "198.51.100." + std::to_string(i), 1);
    }
    EXPECT_EQ(count, 30);
    EXPECT_GE(throttle->take_login("ann", home).error().retry_after, 1h);
    EXPECT_EQ(admitted(*throttle, "bob", home, 1), 1);
}

TEST_P(ThrottleContract, CountsOnWhatWasCountedWhenTheLimitsChange)
{
    const auto throttle = open(only_account());
    EXPECT_EQ(admitted(*throttle, "ann", home, 40), 30);
    auto settings = only_account();
    settings.account_per_hour = 32;
    throttle->use(settings);
    EXPECT_EQ(admitted(*throttle, "ann", home, 40), 2);
    settings.account_per_hour = 0;
    throttle->use(settings);
    EXPECT_EQ(admitted(*throttle, "ann", home, 40), 40);
}

TEST_P(ThrottleContract, StopsThreeHundredGuessesFromOneAddressWhateverTheAccount) // R53
{
    const auto throttle = open(only_address());
    int count = 0;
    for (int i = 0; i < 350; ++i) {
        count += admitted(*throttle, "user" + std::to_string(i), home, 1);
    }
    EXPECT_EQ(count, 300);
    EXPECT_EQ(admitted(*throttle, "ann", "192.0.2.2", 1), 1);
    clock.advance(11min);
    EXPECT_EQ(admitted(*throttle, "ann", home, 1), 1);
}

TEST_P(ThrottleContract, TakesFromEveryLimitOrFromNone)
{
    config::ThrottleSettings settings;
    settings.address_per_10_minutes = 6;
    const auto throttle = open(settings);
    EXPECT_EQ(admitted(*throttle, "ann", home, 50), 5); // the pair says no 45 times
    EXPECT_EQ(admitted(*throttle, "bob", home, 50), 1); // and the address had one left
}

TEST_P(ThrottleContract, SuccessGivesTheSlotBackAndStartsThePairAfresh)
{
    config::ThrottleSettings settings;
    settings.account_per_hour = 8;
    settings.address_per_10_minutes = 0;
    const auto throttle = open(settings);
    EXPECT_EQ(admitted(*throttle, "ann", home, 4), 4);
    const auto slot = throttle->take_login("ann", home);
    ASSERT_TRUE(slot.has_value());
    throttle->succeeded(*slot);
    EXPECT_EQ(admitted(*throttle, "ann", home, 20), 4)
        << "five free again, but four of the account's eight are used up";
}

TEST_P(ThrottleContract, AttemptsThatJudgedNoPasswordAreGivenBack)
{
    const auto throttle = open({});
    for (int i = 0; i < 400; ++i) {
        const auto slot = throttle->take_login("ann", home);
        ASSERT_TRUE(slot.has_value()) << i;
        throttle->give_back(*slot);
    }
}

TEST_P(ThrottleContract, ASlotThatNobodyGaveBackIsAFailureThatWearsOff)
{
    const auto throttle = open({});
    EXPECT_EQ(admitted(*throttle, "ann", home, 20), 5);
    clock.advance(61min); // the pair's four longest waits, and the account's window
    EXPECT_EQ(admitted(*throttle, "ann", home, 20), 5);
}

TEST_P(ThrottleContract, AClockThatStepsNeitherFreesNorLocksOut)
{
    const auto throttle = open(only_pair());
    EXPECT_EQ(admitted(*throttle, "ann", home, 20), 5);
    clock.advance(-24h);
    EXPECT_EQ(throttle->take_login("ann", home).error().retry_after, 1s);
    clock.advance(24h + 1s);
    EXPECT_EQ(admitted(*throttle, "ann", home, 20), 1);
}

TEST_P(ThrottleContract, DoesNotMistakeOnePairForAnother)
{
    const auto throttle = open(only_pair());
    admitted(*throttle, "ab", "c", 20);
    EXPECT_EQ(admitted(*throttle, "a", "bc", 1), 1);
    EXPECT_EQ(admitted(*throttle, "", "abc", 1), 1);
}

TEST_P(ThrottleContract, AnIpv6CustomerCannotChangeAddressToGoOn)
{
    const auto throttle = open(only_pair());
    EXPECT_EQ(admitted(*throttle, "ann", "2001:db8::1", 5), 5);
    EXPECT_EQ(admitted(*throttle, "ann", "2001:db8::ffff:2", 5), 0);
    EXPECT_EQ(admitted(*throttle, "ann", "2001:db8:0:1::1", 5), 5);
}

TEST_P(ThrottleContract, CountsRegistrationsPerAddress)
{
    const auto throttle = open({});
    int count = 0;
    for (int i = 0; i < 320; ++i) count += throttle->take_registration(home).has_value();
    EXPECT_EQ(count, 300);
    EXPECT_EQ(throttle->take_registration(home).error().retry_after, 1s);
    EXPECT_TRUE(throttle->take_registration("192.0.2.2").has_value());
    clock.advance(1s);
    EXPECT_TRUE(throttle->take_registration(home).has_value());
}

TEST_P(ThrottleContract, CountsChallengesPerAddressAndByThemselves)
{
    const auto throttle = open({});
    int count = 0;
    for (int i = 0; i < 320; ++i) count += throttle->take_passkey_options(home).has_value();
    EXPECT_EQ(count, 300);
    EXPECT_EQ(throttle->take_passkey_options(home).error().retry_after, 1s);
    EXPECT_TRUE(throttle->take_passkey_options("192.0.2.2").has_value());
    EXPECT_TRUE(throttle->take_registration(home).has_value());
    clock.advance(1s);
    EXPECT_TRUE(throttle->take_passkey_options(home).has_value());
}

TEST_P(ThrottleContract, FailuresOfAPasskeySlowDownItsAddressAlone) // R53
{
    const auto throttle = open(only_pair());
    const auto admitted_at = [&](std::string_view address) {
        int count = 0;
        for (int i = 0; i < 50; ++i) count += throttle->take_passkey("key", address).has_value();
        return count;
    };
    EXPECT_EQ(admitted_at(home), 5);
    EXPECT_EQ(admitted_at("192.0.2.2"), 5);
    EXPECT_EQ(admitted(*throttle, "key", home, 5), 5) << "that is an account";
    const auto slot = throttle->take_passkey("another", home);
    throttle->succeeded(*slot);

    config::ThrottleSettings settings;
    settings.account_per_hour = 2;
    settings.pair_free = 0;
    const auto by_account = open(settings);
    for (int i = 0; i < 9; ++i) static_cast<void>(by_account->take_passkey("key", home));
    EXPECT_FALSE(by_account->take_passkey("key", home).has_value());
    EXPECT_TRUE(by_account->take_passkey("key", "192.0.2.3").has_value())
        << "who knows an id keeps nobody out";
}

TEST_P(ThrottleContract, CountsMailsByWhoAsksAndByWhomTheyAreFor)
{
    const auto throttle = open({});
    int asked = 0;
    int sent = 0;
    for (int i = 0; i < 70; ++i) asked += throttle->take_mail_from(home).has_value();
    for (int i = 0; i < 8; ++i) sent += throttle->take_mail_to("u1", "reset").has_value();
    EXPECT_EQ(asked, 60);
    EXPECT_EQ(sent, 5);
    EXPECT_TRUE(throttle->take_mail_from("192.0.2.2").has_value());
    EXPECT_TRUE(throttle->take_mail_to("u1", "verify").has_value());
    EXPECT_TRUE(throttle->take_mail_to("u2", "reset").has_value());
    clock.advance(66min);
    EXPECT_TRUE(throttle->take_mail_from(home).has_value());
    EXPECT_TRUE(throttle->take_mail_to("u1", "reset").has_value());
}

TEST_P(ThrottleContract, EveryLimitIsSwitchedOffByZero)
{
    config::ThrottleSettings settings;
    settings.pair_free = settings.account_per_hour = settings.address_per_10_minutes = 0;
    settings.registrations_per_minute = settings.passkey_options_per_minute = 0;
    const auto throttle = open(settings);
    EXPECT_EQ(admitted(*throttle, "ann", home, 2'000), 2'000);
    for (int i = 0; i < 2'000; ++i) ASSERT_TRUE(throttle->take_passkey_options(home).has_value());
    for (int i = 0; i < 2'000; ++i) ASSERT_TRUE(throttle->take_registration(home).has_value());
}

class SharedThrottle : public Counted {};

INSTANTIATE_TEST_SUITE_P(Places, SharedThrottle, every_shared_place, name_of);

TEST_P(SharedThrottle, TheGuessesOfAllGatewaysAreAddedUp) // R53
{
    const auto a = open({});
    const auto b = open({});
    const auto c = open({});
    EXPECT_EQ(admitted(*a, "ann", home, 2) + admitted(*b, "ann", home, 20) +
                  admitted(*c, "ann", home, 20),
              5);
    int registered = 0;
    for (int i = 0; i < 160; ++i) {
        registered += a->take_registration(home).has_value();
        registered += b->take_registration(home).has_value();
    }
    EXPECT_EQ(registered, 300);
}

TEST_P(SharedThrottle, WhatOneGatewayTookAnyOtherMayGiveBack)
{
    const auto a = open(only_account());
    const auto b = open(only_account());
    const auto slot = a->take_login("ann", home);
    ASSERT_TRUE(slot.has_value());
    EXPECT_EQ(admitted(*b, "ann", home, 50), 29);
    b->give_back(*slot);
    EXPECT_EQ(admitted(*a, "ann", home, 50), 1);
}

TEST_P(ThrottleContract, AKnownBrowserHasALimitOfItsOwnAndNoOther) // R53, R55
{
    config::ThrottleSettings settings;
    settings.device_per_hour = 4;
    const auto throttle = open(settings);
    for (int i = 0; i < 40; ++i) {
        admitted(*throttle, "ann", "198.51.100." + std::to_string(i), 1);
    }
    admitted(*throttle, "ann", home, 40);
    ASSERT_FALSE(throttle->take_login("ann", home).has_value());

    const auto tried = [&](std::string_view account, const std::string& device, int tries) {
        int count = 0;
        for (int i = 0; i < tries; ++i) {
            count += throttle->take_login(account, home, device).has_value();
        }
        return count;
    };
    EXPECT_EQ(tried("ann", "laptop", 9), 4);
    EXPECT_EQ(tried("ann", "phone", 9), 4) << "another one";
    EXPECT_EQ(tried("bob", "laptop", 9), 4) << "the same at another account";
    EXPECT_GE(throttle->take_login("ann", home, "laptop").error().retry_after, 1h);
    EXPECT_EQ(admitted(*throttle, "eve", home, 5), 5) << "nor did they count for the address";
    clock.advance(66min);
    EXPECT_EQ(tried("ann", "laptop", 9), 4);
}

TEST_P(ThrottleContract, AKnownBrowserGetsItsSlotBack)
{
    config::ThrottleSettings settings;
    settings.device_per_hour = 1;
    const auto throttle = open(settings);
    const std::optional<std::string> laptop = "laptop";
    for (int i = 0; i < 3; ++i) {
        const auto right = throttle->take_login("ann", home, laptop);
        ASSERT_TRUE(right.has_value());
        throttle->succeeded(*right);
        const auto busy = throttle->take_login("ann", home, laptop);
        ASSERT_TRUE(busy.has_value());
        throttle->give_back(*busy);
    }
    EXPECT_TRUE(throttle->take_login("ann", home, laptop).has_value());
    EXPECT_FALSE(throttle->take_login("ann", home, laptop).has_value());
}

} // namespace
} // namespace gatehouse::auth::contract
