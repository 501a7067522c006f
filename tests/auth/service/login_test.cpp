#include "auth_fixture.hpp"
#include "tests/auth/store/open_states.hpp"

namespace gatehouse::auth {
namespace {

TEST(Login, AcceptsEitherNameHoweverItIsWritten)
{
    House house;
    ASSERT_TRUE(house.service.register_user(
        {
            {"Ann", "ann@example.com", Secret("correct horse"), {}},
            {}
    },
        somebody, house.place()));
    const auto with = [&](std::optional<std::string> username, std::optional<std::string> email) {
        return outcome(house.service.login(
            {std::move(username), std::move(email), Secret("correct horse"), {}}, somebody,
            house.place()));
    };
    EXPECT_EQ(with("ann", {}), "ok");
    EXPECT_EQ(with("\uFF21NN", {}), "ok");
    EXPECT_EQ(with({}, "ANN@example.com"), "ok");
    EXPECT_EQ(with("ann@example.com", {}), "ok") << "many forms have one field";
    EXPECT_EQ(with("ann", "ann@example.com"), "ok");
    EXPECT_EQ(with("a\u200Bnn", {}), "invalid_credentials");
    EXPECT_EQ(with("ann", "bob@example.com"), "invalid_credentials");
    EXPECT_EQ(with({}, {}), "invalid_fields");
}

TEST(Login, TwoNamesOfTwoPeopleAreNobodys)
{
    House house;
    house.joined("ann");
    house.joined("bob");
    const auto both =
        house.service.login({"ann", "bob", Secret("correct horse"), {}}, somebody, house.place());
    EXPECT_EQ(outcome(both), "invalid_credentials");
}

TEST(Login, TellsAnUnknownNameFromAWrongPasswordToNobody) // R54
{
    House house;
    house.joined("ann");

    const struct {
        const char* name;
        std::string username;
        std::string password;
    } cases[] = {
        {"wrong password", "ann", "wrong password"},
        {"unknown name", "bob", "wrong password"},
        {"impossible name", "b\nob", "wrong password"},
        {"endless name", std::string(9'000, 'b'), "wrong password"},
        {"no UTF-8", "\xFF", "wrong password"},
        {"impossible password", "ann", std::string("\0\xFF", 2)},
        {"endless password", "ann", std::string(9'000, 'x')},
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto before = house.hasher.computations();
        const auto refused = house.login(c.username, c.password, "192.0.2.77");
        EXPECT_EQ(outcome(refused), "invalid_credentials");
        EXPECT_EQ(refused.error().retry_after, 0s);
        EXPECT_TRUE(refused.error().fields.empty());
        EXPECT_EQ(house.hasher.computations() - before, 1U) << "one hash, as for anybody";
        house.clock.advance(1h);
    }
}

TEST(Login, ThrottlesAnUnknownNameLikeAKnownOne) // R53, R54
{
    House house;
    house.joined("ann");
    for (const auto* name : {"ann", "bob", "b\nob"}) {
        SCOPED_TRACE(name);
        std::vector<std::string> outcomes;
        std::vector<std::chrono::seconds> waits;
        for (int i = 0; i < 7; ++i) {
            const auto refused = house.login(name, "wrong password");
            outcomes.push_back(outcome(refused));
            waits.push_back(refused.error().retry_after);
        }
        const std::string wrong = "invalid_credentials";
        const std::string many = "too_many_attempts";
        EXPECT_EQ(outcomes,
                  (std::vector<std::string>{wrong, wrong, wrong, wrong, wrong, many, many}));
        EXPECT_EQ(waits, (std::vector<std::chrono::seconds>{0s, 0s, 0s, 0s, 0s, 1s, 1s}));
    }
}

TEST(Login, ASecondNameMovesNoAttemptToAnotherCount) // R53, R54
{
    for (const auto* name : {"ann", "bob", "b\nob"}) {
        for (const auto* other : {"nobody@example.com", "carl"}) {
            SCOPED_TRACE(std::string(name) + " and " + other);
            House house;
            house.joined("ann");
            house.joined("carl");
            for (int i = 0; i < 5; ++i) {
                const auto both = house.service.login({name, other, Secret("wrong"), {}}, somebody,
                                                      house.place());
                EXPECT_EQ(outcome(both), "invalid_credentials");
            }
            EXPECT_EQ(outcome(house.login(name, "wrong")), "too_many_attempts");
            EXPECT_EQ(outcome(house.login("carl", "correct horse")), "ok");
        }
    }
}

TEST(Login, AThrottledLoginHashesNothingAndTellsNothing) // R53
{
    House house;
    house.joined("ann");
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(outcome(house.login("ann", "wrong")), "invalid_credentials");
    const auto before = house.hasher.computations();
    EXPECT_EQ(outcome(house.login("ann", "correct horse")), "too_many_attempts");
    EXPECT_EQ(house.hasher.computations(), before);
    house.clock.advance(1s);
    EXPECT_EQ(outcome(house.login("ann", "correct horse")), "ok");
}

/// A house whose attempts are counted in a store.
struct HouseOnSharedCounts : House {
    [[nodiscard]] std::string tried(const std::string& name, const std::string& password)
    {
        return outcome(shared.login({name, {}, Secret(password), {}}, somebody, place()));
    }

    contract::StatesInMemory states{clock};
    LoginThrottle counted{settings.throttle, states, LoginThrottle::new_fingerprint_key()};
    AuthService shared{
        {store, *keys, revocations, hasher, counted, clock, log},
        settings
    };
};

TEST(Login, AsksTheCountsOfAllGatewaysTheSameForAnyName) // R54
{
    HouseOnSharedCounts house;
    house.joined("ann");
    std::vector<int> calls;
    for (const auto* name : {"ann", "bob", "b\nob"}) {
        for (int i = 0; i < 6; ++i) { // five guesses, and one too many
            house.states.calls = 0;
            EXPECT_EQ(house.tried(name, "wrong"),
                      i < 5 ? "invalid_credentials" : "too_many_attempts");
            calls.push_back(house.states.calls);
        }
    }
    EXPECT_EQ(calls, std::vector<int>(calls.size(), 1));
    house.clock.advance(1s);
    EXPECT_EQ(house.tried("ann", "correct horse"), "ok");
    EXPECT_EQ(house.states.calls, 3); // the last guess too, and the slot that is given back
}

TEST(Login, NobodyGuessesWhileNobodyCounts) // R63
{
    HouseOnSharedCounts house;
    house.joined("ann");
    house.states.down = true;
    const auto before = house.hasher.computations();
    EXPECT_EQ(house.tried("ann", "correct horse"), "store_unavailable");
    EXPECT_EQ(house.tried("bob", "wrong"), "store_unavailable");
    const auto registered = house.shared.register_user(
        {
            {"bob", {}, Secret("correct horse"), {}},
            {}
    },
        somebody, house.place());
    EXPECT_EQ(outcome(registered), "store_unavailable");
    EXPECT_EQ(registered.error().retry_after, 1s);
    EXPECT_EQ(house.hasher.computations(), before);
    house.states.down = false;
    EXPECT_EQ(house.tried("ann", "correct horse"), "ok");
}

TEST(Login, CountsAnAccountsTwoNamesAsOneAccount) // R53
{
    auto settings = quick_settings();
    settings.throttle.account_per_hour = 6;
    House house(settings);
    ASSERT_TRUE(house.service.register_user(
        {
            {"ann", "ann@example.com", Secret("correct horse"), {}},
            {}
    },
        somebody, house.place()));
    int judged = 0;
    for (int i = 0; i < 20; ++i) {
        const auto* name = i % 2 == 0 ? "ann" : "ANN@example.com";
        const auto refused = house.login(name, "wrong", "198.51.100." + std::to_string(i));
        judged += outcome(refused) == "invalid_credentials";
    }
    EXPECT_EQ(judged, 6);
}

TEST(Login, GuessingDoesNotTouchTheVictimsSessions) // R55
{
    House house;
    const auto victim = house.joined("ann");
    for (int i = 0; i < 100; ++i) {
        [[maybe_unused]] const auto guess =
            house.login("ann", "guess " + std::to_string(i), "198.51.100." + std::to_string(i));
    }
    EXPECT_TRUE(house.identify(victim.access_token).has_value());
    EXPECT_EQ(outcome(house.refresh(victim.refresh_token)), "ok");
}

TEST(Login, SaysThatAnAccountIsBlockedOnlyToWhoKnowsThePassword)
{
    House house;
    house.joined("ann");
    ASSERT_TRUE(house.admin.block("ann").has_value());
    EXPECT_EQ(outcome(house.login("ann", "wrong password")), "invalid_credentials");
    EXPECT_EQ(outcome(house.login("ann")), "account_blocked");
    ASSERT_TRUE(house.admin.unblock("ann").has_value());
    EXPECT_EQ(outcome(house.login("ann")), "ok");
}

TEST(Login, RenewsAHashMadeWithOtherSettings)
{
    House house;
    const auto grant = house.joined("ann");
    const char* imported = // crypt_blowfish: "U*U*"
        "$2b$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK";
    const auto hash_now = [&] { return (*house.store.find_user(grant.user.id))->password_hash; };
    ASSERT_TRUE(*house.store.replace_hash(grant.user.id, hash_now(), imported));
    EXPECT_EQ(outcome(house.login("ann", "U*U*")), "ok");
    EXPECT_TRUE(hash_now().starts_with("$argon2id$")) << hash_now();
    EXPECT_EQ(outcome(house.login("ann", "U*U*")), "ok");
    EXPECT_EQ(outcome(house.login("ann", "U*U")), "invalid_credentials");
}

TEST(Login, DoesNotOutliveAPasswordChangeItRaces) // R43
{
    House house;
    const auto first = house.joined("ann");
    house.store.before_create_session(
        [&] { ASSERT_TRUE(house.admin.set_password("ann", Secret("another horse")).has_value()); });
    EXPECT_EQ(outcome(house.login("ann")), "invalid_credentials");
    EXPECT_TRUE(house.store.list_sessions(first.user.id, house.clock.seconds())->empty());
}

TEST(Login, IsNotDisturbedByAnotherLoginThatRenewsTheHash)
{
    House house;
    const auto first = house.joined("ann");
    house.store.before_create_session([&] {
        const auto user = *house.store.find_user(first.user.id);
        const auto place = house.place();
        const auto renewed = house.hasher.hash("correct horse", place);
        ASSERT_TRUE(*house.store.replace_hash(user->id, user->password_hash, *renewed));
    });
    EXPECT_EQ(outcome(house.login("ann")), "ok");
}

TEST(Login, FindsNobodyWhenTheAccountIsDeletedMeanwhile)
{
    House house;
    house.joined("ann");
    house.store.before_create_session(
        [&] { ASSERT_TRUE(house.admin.delete_user("ann").has_value()); });
    EXPECT_EQ(outcome(house.login("ann")), "invalid_credentials");
}

TEST(Login, IsRefusedWhenTheAccountIsBlockedMeanwhile) // R43
{
    House house;
    house.joined("ann");
    house.store.before_create_session([&] { ASSERT_TRUE(house.admin.block("ann").has_value()); });
    EXPECT_EQ(outcome(house.login("ann")), "account_blocked");
}

TEST(Login, EndsTheOldestSessionsOrRefusesWhenThereAreTooMany)
{
    auto settings = quick_settings();
    settings.sessions.max_per_user = 2;
    House house(settings);
    const auto first = house.joined("ann");
    house.clock.advance(1s);
    const auto second = house.logged_in("ann");
    house.clock.advance(1s);
    const auto third = house.logged_in("ann");
    EXPECT_EQ(house.identify(first.access_token).error(), TokenError::revoked);
    EXPECT_EQ(outcome(house.refresh(first.refresh_token)), "refresh_token_revoked");
    EXPECT_TRUE(house.identify(second.access_token).has_value());
    EXPECT_TRUE(house.identify(third.access_token).has_value());

    settings.sessions.when_full = config::WhenFull::refuse;
    House strict(settings);
    const auto one = strict.joined("ann");
    const auto two = strict.logged_in("ann");
    EXPECT_EQ(outcome(strict.login("ann")), "too_many_sessions");
    ASSERT_TRUE(strict.service.logout(strict.principal(one), somebody).has_value());
    EXPECT_EQ(outcome(strict.login("ann")), "ok");
}

TEST(Login, ChoosesTheDeliveryOfItsRefreshToken)
{
    auto settings = quick_settings();
    settings.auth.delivery = config::Delivery::both;
    House house(settings);
    EXPECT_EQ(house.joined("ann").delivery, SessionDelivery::both);
    const auto chosen = house.service.login(
        {"ann", {}, Secret("correct horse"), SessionDelivery::cookie}, somebody, house.place());
    ASSERT_EQ(outcome(chosen), "ok");
    EXPECT_EQ(chosen->delivery, SessionDelivery::cookie);
    EXPECT_EQ(house.refresh(chosen->refresh_token)->delivery, SessionDelivery::cookie);
}

TEST(Login, KeepsWhatADeviceSaysOfItselfShortAndPrintable) // R66
{
    House house;
    const auto grant = house.joined("ann");
    const Caller odd{"192.0.2.1", "Agent\r\n\x1b[31m\xFF\u202E" + std::string(1'000, 'x'), ""};
    ASSERT_EQ(
        outcome(house.service.login({"ann", {}, Secret("correct horse"), {}}, odd, house.place())),
        "ok");
    const auto sessions = house.service.list_sessions(house.principal(grant));
    ASSERT_TRUE(sessions.has_value());
    std::string longest;
    for (const auto& each : *sessions) {
        if (each.user_agent.size() > longest.size()) longest = each.user_agent;
    }
    EXPECT_EQ(longest.size(), 256U);
    EXPECT_TRUE(longest.starts_with("Agent???[31m??xxx")) << longest;
}

TEST(Login, GivesItsSlotBackWhenNoPasswordWasJudged)
{
    auto settings = quick_settings();
    settings.passwords.deadline = 0ms;
    House house(settings);
    for (int i = 0; i < 50; ++i) ASSERT_EQ(outcome(house.login("ann")), "overloaded") << i;
    house.store.down = true;
    EXPECT_EQ(outcome(house.login("ann")), "store_unavailable");
}

TEST(Login, AFullHashQueueIsOverloadedAtOnce)
{
    auto settings = quick_settings();
    settings.passwords.queue = 1;
    House house(settings);
    const auto place = house.place();
    EXPECT_FALSE(house.service.enter_hash_queue());
}

} // namespace
} // namespace gatehouse::auth
