#include "auth_fixture.hpp"

namespace gatehouse::auth {
namespace {

config::Settings with_cookies()
{
    auto settings = quick_settings();
    settings.throttle.device_cookie = true;
    settings.throttle.device_per_hour = 3;
    return settings;
}

/// A house where guesses come from everywhere and ann from home.
struct Street : House {
    explicit Street(const config::Settings& with = with_cookies()) : House(with) {}

    std::string tried(const std::string& name, const std::string& password, const Secret& cookie,
                      const std::string& address = "192.0.2.1")
    {
        return outcome(service.login({name, {}, Secret(password), {}},
                                     {address, "test agent", "request-2", cookie}, place()));
    }

    /// Until nobody without a cookie gets an answer any more, from home or from anywhere.
    void guess(const std::string& name)
    {
        for (int i = 0; i < 40; ++i) {
            const auto from = i < 6 ? "192.0.2.1" : "198.51.100." + std::to_string(i);
            static_cast<void>(tried(name, "a guess", {}, from));
        }
        ASSERT_EQ(tried(name, "correct horse", {}), "too_many_attempts");
        ASSERT_EQ(tried(name, "correct horse", {}, "203.0.113.9"), "too_many_attempts");
    }
};

TEST(DeviceCookie, LetsTheOwnerInWhileOthersGuess) // R55
{
    Street street;
    const auto registered = street.joined("ann");
    const auto known = street.logged_in("ann").device_cookie;
    ASSERT_FALSE(known.empty());
    street.guess("ann");
    for (const auto* cookie : {&known, &registered.device_cookie}) {
        EXPECT_EQ(street.tried("ann", "correct horse", *cookie), "ok");
        EXPECT_EQ(street.tried("ann", "correct horse", *cookie, "203.0.113.9"), "ok") << "abroad";
    }
    EXPECT_EQ(street.tried("ann", "correct horse", {}), "too_many_attempts") << "as before";
}

TEST(DeviceCookie, AStolenOneIsWorthAFewGuesses) // R53
{
    Street street;
    street.joined("ann");
    const auto stolen = street.logged_in("ann").device_cookie;
    const auto other = street.logged_in("ann").device_cookie;
    int judged = 0;
    for (int i = 0; i < 50; ++i) {
        judged += street.tried("ann", "guess " + std::to_string(i), stolen,
                               "198.51.100." + std::to_string(i)) == "invalid_credentials";
    }
    EXPECT_EQ(judged, 3);
    EXPECT_EQ(street.tried("ann", "correct horse", stolen), "too_many_attempts");
    EXPECT_EQ(street.tried("ann", "correct horse", other), "ok") << "another browser of hers";
    EXPECT_EQ(street.tried("ann", "correct horse", {}), "ok") << "nor are strangers slowed down";
    street.clock.advance(65min);
    EXPECT_EQ(street.tried("ann", "correct horse", stolen), "ok");
}

TEST(DeviceCookie, TheRightPasswordCostsNothing)
{
    Street street;
    street.joined("ann");
    const auto known = street.logged_in("ann").device_cookie;
    for (int i = 0; i < 20; ++i) EXPECT_EQ(street.tried("ann", "correct horse", known), "ok") << i;
}

TEST(DeviceCookie, MeansNothingForAnotherAccountOrName) // R54
{
    Street street;
    street.joined("ann");
    street.joined("bob");
    const auto bobs = street.logged_in("bob").device_cookie;
    const auto tampered = Secret(std::string(bobs.reveal()) + "x");
    street.guess("ann");
    street.guess("nobody");
    for (const auto& cookie : {bobs, tampered, Secret("x"), Secret(std::string(9000, 'a'))}) {
        EXPECT_EQ(street.tried("ann", "correct horse", cookie), "too_many_attempts");
        EXPECT_EQ(street.tried("nobody", "correct horse", cookie), "too_many_attempts");
    }
    for (int i = 0; i < 9; ++i) {
        EXPECT_EQ(street.tried("eve", "a guess", bobs, "203.0.113." + std::to_string(i)),
                  "invalid_credentials");
    }
    EXPECT_EQ(street.tried("bob", "correct horse", bobs), "ok") << "nothing of it was bob's";
}

TEST(DeviceCookie, IsOldAfterItsTimeAndNothingWhereItIsOff)
{
    Street street;
    street.joined("ann");
    const auto known = street.logged_in("ann").device_cookie;
    street.guess("ann");
    EXPECT_EQ(street.tried("ann", "correct horse", known), "ok");
    auto off = street.settings;
    off.throttle.device_cookie = false;
    AuthService without({street.store, *street.keys, street.revocations, street.hasher,
                         street.throttle, street.clock, street.log},
                        off);
    EXPECT_EQ(outcome(without.login({"ann", {}, Secret("correct horse"), {}},
                                    {"192.0.2.1", "", "", known}, street.place())),
              "too_many_attempts");

    street.clock.advance(365 * 24h);
    street.guess("ann");
    EXPECT_EQ(street.tried("ann", "correct horse", known), "too_many_attempts");
}

TEST(DeviceCookie, IsLeftByLoginsThatSucceedAndByNothingElse)
{
    Street street;
    const auto registered = street.joined("ann");
    EXPECT_FALSE(registered.device_cookie.empty());
    EXPECT_EQ(registered.device_life, 365 * 24h);
    const auto refreshed = street.refresh(registered.refresh_token);
    ASSERT_EQ(outcome(refreshed), "ok");
    EXPECT_TRUE(refreshed->device_cookie.empty());
    const auto again = street.logged_in("ann");
    EXPECT_NE(again.device_cookie.reveal(), registered.device_cookie.reveal());
    EXPECT_EQ(street.log.everything().find(again.device_cookie.reveal()), std::string::npos);

    House off;
    EXPECT_TRUE(off.joined("ann").device_cookie.empty());
    EXPECT_TRUE(off.logged_in("ann").device_cookie.empty());
}

TEST(DeviceCookie, AlsoGuardsTheCurrentPasswordOfAChange) // R55
{
    Street street;
    street.joined("ann");
    const auto grant = street.logged_in("ann");
    street.guess("ann");
    const auto change = [&](const std::string& current, const Secret& cookie) {
        return outcome(street.service.change_password(
            street.principal(grant), Secret(current), Secret("another horse"),
            {"192.0.2.1", "test agent", "request-3", cookie}, street.place()));
    };
    EXPECT_EQ(change("correct horse", {}), "too_many_attempts");
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(change("a guess", grant.device_cookie), "invalid_credentials");
    }
    EXPECT_EQ(change("correct horse", grant.device_cookie), "too_many_attempts");
}

} // namespace
} // namespace gatehouse::auth
