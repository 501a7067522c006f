#include "auth/service/invites.hpp"
#include "auth_fixture.hpp"

namespace gatehouse::auth {
namespace {

TEST(Register, MakesAnAccountAndSignsItIn)
{
    House house;
    const auto grant = house.service.register_user(
        {
            {"Ann", "Ann@Example.com", Secret("correct horse"), {}},
            {}
    },
        somebody, house.place());
    ASSERT_EQ(outcome(grant), "ok");
    EXPECT_EQ(grant->user.username, "Ann");
    EXPECT_EQ(grant->user.email, "Ann@Example.com");
    EXPECT_TRUE(grant->user.roles.empty()); // R59
    EXPECT_EQ(grant->access_life, 1h);
    EXPECT_EQ(grant->refresh_life, 365 * 24h);
    const auto principal = house.identify(grant->access_token);
    ASSERT_TRUE(principal.has_value()) << principal.error();
    EXPECT_EQ(principal->user_id, grant->user.id);
    EXPECT_EQ(principal->session_id, grant->session_id);
    EXPECT_EQ(house.log.take(), std::vector<std::string>{"user_register ok"});
}

TEST(Register, BlamesEveryWrongField)
{
    const struct {
        const char* name;
        std::optional<std::string> username;
        std::optional<std::string> email;
        std::string password;
        std::vector<std::string> blamed;
    } cases[] = {
        {"no name",          {},          {},                "correct horse", {"username"}                     },
        {"everything wrong", "a@b",       "nobody",          "short",         {"username", "email", "password"}},
        {"invisible name",   "a\u200Bnn", {},                "correct horse", {"username"}                     },
        {"empty name",       "",          {},                "correct horse", {"username"}                     },
        {"bad email",        "ann",       "ann@",            "correct horse", {"email"}                        },
        {"no password",      "ann",       {},                "",              {"password"}                     },
        {"email is enough",  {},          "ann@example.com", "correct horse", {}                               },
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        House house;
        const auto grant = house.service.register_user(
            {
                {c.username, c.email, Secret(c.password), {}},
                {}
        },
            somebody, house.place());
        std::vector<std::string> blamed;
        if (!grant) {
            EXPECT_EQ(grant.error().kind, AuthError::Kind::invalid_fields);
            for (const auto& problem : grant.error().fields) blamed.push_back(problem.name);
        }
        EXPECT_EQ(blamed, c.blamed);
        EXPECT_EQ(house.hasher.computations(), c.blamed.empty() ? 1U : 0U);
    }
}

TEST(Register, KeepsOneAccountPerNameHoweverItIsWritten) // R57
{
    House house;
    EXPECT_EQ(outcome(house.register_user("Stra\u00DFe")), "ok");
    for (const auto* name : {"stra\u00DFe", "STRASSE", "\uFF33trasse"}) {
        EXPECT_EQ(outcome(house.register_user(name)), "name_taken") << name;
    }
    const auto by_email = house.service.register_user(
        {
            {{}, "ann@example.com", Secret("correct horse"), {}},
            {}
    },
        somebody, house.place());
    EXPECT_EQ(outcome(by_email), "ok");
    const auto again = house.service.register_user(
        {
            {"ann", "ANN@example.com", Secret("correct horse"), {}},
            {}
    },
        somebody, house.place());
    EXPECT_EQ(outcome(again), "name_taken");
}

TEST(Register, IsClosedWhereTheSettingsSaySo)
{
    auto settings = quick_settings();
    settings.registration = config::Registration::closed;
    House house(settings);
    EXPECT_EQ(outcome(house.register_user("ann")), "registration_closed");
    EXPECT_EQ(house.hasher.computations(), 0U);
}

TEST(Register, WantsAnInviteThatWasNeverUsed)
{
    auto settings = quick_settings();
    settings.registration = config::Registration::invite;
    House house(settings);
    const auto invite = house.admin.invite(1h);
    ASSERT_TRUE(invite.has_value());
    const auto join = [&](const std::string& username, std::optional<Secret> code) {
        return outcome(house.service.register_user(
            {
                {username, {}, Secret("correct horse"), {}},
                std::move(code)
        },
            somebody, house.place()));
    };
    EXPECT_EQ(join("ann", {}), "registration_closed");
    EXPECT_EQ(join("ann", Secret("")), "registration_closed");
    EXPECT_EQ(join("ann", Secret("AAAAAAAAAAAAAAAAAAAAAA")), "registration_closed");
    EXPECT_EQ(join("ann", Secret(invite_hash(invite->code.reveal()))), "registration_closed")
        << "what the store keeps is no key";
    EXPECT_EQ(join("ann", invite->code), "ok");
    EXPECT_EQ(join("bob", invite->code), "registration_closed") << "spent";

    const auto late = house.admin.invite(1h);
    house.clock.advance(1h);
    EXPECT_EQ(join("bob", late->code), "registration_closed") << "expired";
}

TEST(Register, ATakenNameDoesNotSpendTheInvite)
{
    auto settings = quick_settings();
    settings.registration = config::Registration::invite;
    House house(settings);
    ASSERT_TRUE(house.admin.add_user({"ann", {}, Secret("correct horse"), {}}, {}).has_value());
    const auto invite = house.admin.invite(1h);
    const auto join = [&](const std::string& username) {
        return outcome(house.service.register_user(
            {
                {username, {}, Secret("correct horse"), {}},
                invite->code
        },
            somebody, house.place()));
    };
    EXPECT_EQ(join("ann"), "name_taken");
    EXPECT_EQ(join("bob"), "ok");
}

TEST(Register, IsThrottledPerAddressBeforeItHashes)
{
    auto settings = quick_settings();
    settings.throttle.registration_burst = 3;
    House house(settings);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(outcome(house.register_user("a" + std::to_string(i))), "ok");
    const auto refused = house.register_user("a3");
    EXPECT_EQ(outcome(refused), "too_many_attempts");
    EXPECT_EQ(refused.error().retry_after, 1s);
    EXPECT_EQ(house.hasher.computations(), 3U);
}

TEST(Register, AnswersStoreUnavailableAndOverloadedAsWhatTheyAre) // T11
{
    House house;
    house.store.down = true;
    const auto refused = house.register_user("ann");
    EXPECT_EQ(outcome(refused), "store_unavailable");
    EXPECT_GE(refused.error().retry_after, 1s);

    auto settings = quick_settings();
    settings.passwords.deadline = 0ms;
    House busy(settings);
    const auto waited = busy.register_user("ann");
    EXPECT_EQ(outcome(waited), "overloaded");
    EXPECT_GE(waited.error().retry_after, 1s);
}

TEST(Register, KeepsNoSecretInTheLogOrTheStore) // R48, R66
{
    House house;
    const auto grant = house.joined("ann");
    ASSERT_TRUE(house.login("ann", "wrong password").has_error());
    const auto user = house.store.find_user(grant.user.id);
    EXPECT_EQ((*user)->password_hash.find("correct horse"), std::string::npos);
    EXPECT_EQ(house.log.everything().find("correct horse"), std::string::npos);
    EXPECT_EQ(house.log.everything().find("wrong password"), std::string::npos);
    EXPECT_EQ(house.log.everything().find(grant.refresh_token.reveal()), std::string::npos);
    EXPECT_NE(house.log.everything().find("request-1"), std::string::npos);
    EXPECT_NE(house.log.everything().find("192.0.2.1"), std::string::npos);
}

} // namespace
} // namespace gatehouse::auth
