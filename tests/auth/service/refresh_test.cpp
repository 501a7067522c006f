#include "auth_fixture.hpp"

namespace gatehouse::auth {
namespace {

config::Settings repeating()
{
    auto settings = quick_settings();
    settings.refresh.on_straggler = config::OnStraggler::repeat;
    return settings;
}

TEST(Refresh, BringsANewPairAndTheNextGeneration)
{
    House house;
    const auto first = house.joined("ann");
    house.clock.advance(10min);
    const auto second = house.refresh(first.refresh_token);
    ASSERT_EQ(outcome(second), "ok");
    EXPECT_EQ(second->session_id, first.session_id);
    EXPECT_EQ(house.claims(*second).generation, 2U);
    EXPECT_EQ(second->refresh_life, 365 * 24h);
    EXPECT_TRUE(house.identify(second->access_token).has_value());
    EXPECT_TRUE(house.identify(first.access_token).has_value()) << "until it expires";
    EXPECT_EQ(outcome(house.refresh(second->refresh_token)), "ok");
}

// RFC 9068, 2.2.1: a refresh is no login, whatever it was that began the session.
TEST(Refresh, TokensSayWhenAndHowTheUserSignedIn)
{
    House house;
    const auto first = house.joined("ann");
    const auto login = house.clock.seconds();
    house.clock.advance(10min);
    const auto second = house.refresh(first.refresh_token);
    ASSERT_EQ(outcome(second), "ok");
    const auto later = house.logged_in("ann");

    const TokenVerifier verifier(house.settings.tokens);

    struct Case {
        const char* name;
        const Grant& grant;
        Seconds auth_time;
    };

    for (const auto& c : {
             Case{"registered", first,   login        },
             Case{"refreshed",  *second, login        },
             Case{"logged in",  later,   login + 10min}
    }) {
        SCOPED_TRACE(c.name);
        const auto claims = verifier.access(*house.keys->ring(), c.grant.access_token.reveal(),
                                            house.clock.seconds());
        ASSERT_TRUE(claims) << claims.error();
        EXPECT_EQ(claims->auth_time, c.auth_time);
        EXPECT_EQ(claims->amr, std::vector<std::string>{"pwd"});
        EXPECT_EQ(house.principal(c.grant).auth_time, c.auth_time);
    }
}

TEST(Refresh, AnOldTokenEndsItsSessionAndNoOther) // R40
{
    House house;
    const auto stolen = house.joined("ann");
    const auto other = house.logged_in("ann");
    const auto current = house.refresh(stolen.refresh_token);
    ASSERT_EQ(outcome(current), "ok");
    [[maybe_unused]] const auto noise = house.log.take();
    house.clock.advance(10s); // the window is over on its last instant

    const auto replay = house.refresh(stolen.refresh_token);
    EXPECT_EQ(outcome(replay), "refresh_token_reused");
    EXPECT_TRUE(replay.error().session_over);
    EXPECT_EQ(house.log.take(), std::vector<std::string>{"refresh_reuse ok"});
    EXPECT_EQ(outcome(house.refresh(current->refresh_token)), "refresh_token_revoked");
    EXPECT_EQ(house.identify(current->access_token).error(), TokenError::revoked);
    EXPECT_EQ(house.identify(stolen.access_token).error(), TokenError::revoked);
    EXPECT_EQ(outcome(house.refresh(other.refresh_token)), "ok");
    EXPECT_TRUE(house.identify(other.access_token).has_value());
}

TEST(Refresh, AnOldTokenEndsEverySessionWhereTheSettingsSaySo)
{
    auto settings = quick_settings();
    settings.refresh.on_reuse = config::OnReuse::end_all;
    House house(settings);
    const auto stolen = house.joined("ann");
    const auto other = house.logged_in("ann");
    const auto bob = house.joined("bob");
    ASSERT_EQ(outcome(house.refresh(stolen.refresh_token)), "ok");
    house.clock.advance(10s);
    EXPECT_EQ(outcome(house.refresh(stolen.refresh_token)), "refresh_token_reused");
    EXPECT_EQ(outcome(house.refresh(other.refresh_token)), "refresh_token_revoked");
    EXPECT_EQ(house.identify(other.access_token).error(), TokenError::revoked);
    EXPECT_EQ(outcome(house.refresh(bob.refresh_token)), "ok");
}

TEST(Refresh, AStragglerIsRefusedAndNothingElse)
{
    House house;
    const auto first = house.joined("ann");
    const auto second = house.refresh(first.refresh_token);
    house.clock.advance(9999ms);
    const auto straggler = house.refresh(first.refresh_token);
    EXPECT_EQ(outcome(straggler), "refresh_token_reused");
    EXPECT_FALSE(straggler.error().session_over) << "the cookie stays";
    EXPECT_EQ(outcome(house.refresh(second->refresh_token)), "ok") << "the session lives";
}

TEST(Refresh, AStragglerMayGetTheVerySameRefreshTokenAgain) // R41
{
    House house(repeating());
    const auto first = house.joined("ann");
    const auto second = house.refresh(first.refresh_token);
    house.clock.advance(5s);
    const auto repeated = house.refresh(first.refresh_token);
    ASSERT_EQ(outcome(repeated), "ok");
    EXPECT_EQ(repeated->refresh_token.reveal(), second->refresh_token.reveal())
        << "no second lineage: the same generation, byte for byte";
    EXPECT_NE(repeated->access_token.reveal(), second->access_token.reveal());
    EXPECT_TRUE(house.identify(repeated->access_token).has_value());
    EXPECT_EQ(repeated->refresh_life, 365 * 24h - 5s);
    EXPECT_EQ(house.claims(*repeated).generation, 2U);
}

TEST(Refresh, RepeatsForCookiesAndRefusesForBodiesByDefault)
{
    House house;
    house.joined("ann");

    const struct {
        SessionDelivery delivery;
        const char* expected;
    } cases[] = {
        {SessionDelivery::body,   "refresh_token_reused"},
        {SessionDelivery::cookie, "ok"                  },
    };

    for (const auto& c : cases) {
        const auto login = house.service.login({"ann", {}, Secret("correct horse"), c.delivery},
                                               somebody, house.place());
        ASSERT_EQ(outcome(login), "ok");
        ASSERT_EQ(outcome(house.refresh(login->refresh_token)), "ok");
        EXPECT_EQ(outcome(house.refresh(login->refresh_token)), c.expected);
    }
}

TEST(Refresh, SigningOutBeatsTheGraceForStragglers) // R43
{
    House house(repeating());
    const auto first = house.joined("ann");
    const auto second = house.refresh(first.refresh_token);
    ASSERT_TRUE(house.service.logout(house.claims(*second), somebody).has_value());
    const auto straggler = house.refresh(first.refresh_token);
    EXPECT_EQ(outcome(straggler), "refresh_token_revoked");
    EXPECT_TRUE(straggler.error().session_over);
}

TEST(Refresh, WhoLosesTheRaceDecidesAgain) // R41
{
    for (const bool repeat : {false, true}) {
        House house(repeat ? repeating() : quick_settings());
        const auto first = house.joined("ann");
        std::optional<Grant> winner;
        house.store.before_rotate([&] { winner = *house.refresh(first.refresh_token); });
        const auto loser = house.refresh(first.refresh_token);
        ASSERT_TRUE(winner);
        EXPECT_EQ(house.claims(*winner).generation, 2U);
        if (repeat) {
            ASSERT_EQ(outcome(loser), "ok");
            EXPECT_EQ(loser->refresh_token.reveal(), winner->refresh_token.reveal());
        } else {
            EXPECT_EQ(outcome(loser), "refresh_token_reused");
        }
        EXPECT_EQ(outcome(house.refresh(winner->refresh_token)), "ok");
    }
}

TEST(Refresh, ALogoutBetweenReadingAndWritingWins) // R43
{
    House house;
    const auto grant = house.joined("ann");
    house.store.before_rotate(
        [&] { ASSERT_TRUE(house.service.logout(house.claims(grant), somebody).has_value()); });
    EXPECT_EQ(outcome(house.refresh(grant.refresh_token)), "refresh_token_revoked");
}

TEST(Refresh, ABlockBetweenReadingAndWritingWins) // R43, R46
{
    House house;
    const auto grant = house.joined("ann");
    house.store.before_rotate([&] { ASSERT_TRUE(house.admin.block("ann").has_value()); });
    EXPECT_EQ(outcome(house.refresh(grant.refresh_token)), "refresh_token_revoked");
}

TEST(Refresh, IsRefusedForABlockedAndForADeletedUser) // R46
{
    House house;
    const auto ann = house.joined("ann");
    const auto bob = house.joined("bob");
    ASSERT_TRUE(house.admin.block("ann").has_value());
    ASSERT_TRUE(house.admin.delete_user("bob").has_value());
    EXPECT_EQ(outcome(house.refresh(ann.refresh_token)), "refresh_token_revoked");
    EXPECT_EQ(outcome(house.refresh(bob.refresh_token)), "refresh_token_revoked");
    ASSERT_TRUE(house.admin.unblock("ann").has_value());
    EXPECT_EQ(outcome(house.refresh(ann.refresh_token)), "refresh_token_revoked")
        << "unblocking revives nothing";
}

TEST(Refresh, SlidesButNeverPastTheAbsoluteLifetime) // R45
{
    auto settings = quick_settings();
    settings.tokens.refresh_ttl = 10h;
    settings.sessions.absolute_ttl = 24h;
    House house(settings);
    auto grant = house.joined("ann");
    EXPECT_EQ(grant.refresh_life, 10h);
    house.clock.advance(9h);
    grant = *house.refresh(grant.refresh_token);
    EXPECT_EQ(grant.refresh_life, 10h);
    house.clock.advance(9h); // 18 h
    grant = *house.refresh(grant.refresh_token);
    EXPECT_EQ(grant.refresh_life, 6h) << "what is left of the day";
    house.clock.advance(5h + 30min); // half an hour left
    grant = *house.refresh(grant.refresh_token);
    EXPECT_EQ(grant.refresh_life, 30min);
    EXPECT_EQ(grant.access_life, 30min) << "the access token ends with it";
    house.clock.advance(30min - 1s);
    EXPECT_TRUE(house.identify(grant.access_token).has_value());
    house.clock.advance(1s);
    EXPECT_EQ(house.identify(grant.access_token).error(), TokenError::expired);
    const auto late = house.refresh(grant.refresh_token);
    EXPECT_EQ(outcome(late), "refresh_token_expired");
    EXPECT_TRUE(late.error().session_over);
}

TEST(Refresh, AStricterAbsoluteLifetimeHoldsForOldSessionsToo) // R45
{
    House house;
    const auto grant = house.joined("ann");
    house.clock.advance(48h);
    auto stricter = house.settings;
    stricter.sessions.absolute_ttl = 24h;
    AuthService after_reload({house.store, *house.keys, house.revocations, house.hasher,
                              house.throttle, house.clock, house.log},
                             stricter);
    EXPECT_EQ(outcome(after_reload.refresh(house.claims(grant), somebody)),
              "refresh_token_expired");
}

TEST(Refresh, RefusesWhatIsNoRefreshTokenOfOurs) // R35
{
    House house;
    const auto grant = house.joined("ann");
    House elsewhere;
    const auto foreign = elsewhere.joined("ann");
    std::string changed(grant.refresh_token.reveal());
    changed[changed.size() - 10] = changed[changed.size() - 10] == 'A' ? 'B' : 'A';
    for (const auto& token :
         {std::string(), std::string("x.y.z"), std::string(grant.access_token.reveal()),
          std::string(foreign.refresh_token.reveal()), changed}) {
        const auto refused = house.refresh(Secret(token));
        EXPECT_EQ(outcome(refused), "refresh_token_invalid") << token;
        EXPECT_FALSE(refused.error().session_over);
    }
    EXPECT_EQ(outcome(house.refresh(grant.refresh_token)), "ok");
}

TEST(Refresh, ATokenThatNamesAnotherUserIsNotOurs)
{
    House house;
    auto claims = house.claims(house.joined("ann"));
    claims.user_id = house.joined("bob").user.id;
    EXPECT_EQ(outcome(house.service.refresh(claims, somebody)), "refresh_token_invalid");
}

TEST(Refresh, AGenerationFromTheFutureChangesNothing)
{
    House house;
    const auto grant = house.joined("ann");
    auto claims = house.claims(grant);
    claims.generation = 7;
    EXPECT_EQ(outcome(house.service.refresh(claims, somebody)), "refresh_token_reused");
    EXPECT_EQ(outcome(house.refresh(grant.refresh_token)), "ok");
}

TEST(Refresh, AGenerationThatFellOutOfTheListIsATheft) // R40
{
    House house(repeating());
    const auto first = house.joined("ann");
    auto current = first;
    for (int i = 0; i < 33; ++i) current = *house.refresh(current.refresh_token);
    EXPECT_EQ(outcome(house.refresh(first.refresh_token)), "refresh_token_reused")
        << "33 rotations within the window";
    EXPECT_EQ(outcome(house.refresh(current.refresh_token)), "refresh_token_revoked");
}

TEST(Refresh, CarriesTheRolesOfToday)
{
    House house;
    const auto grant = house.joined("ann");
    ASSERT_TRUE(house.admin.set_roles("ann", {"admin"}).has_value());
    EXPECT_EQ(house.principal(*house.refresh(grant.refresh_token)).roles,
              std::vector<std::string>{"admin"});
}

TEST(Refresh, AnswersStoreUnavailableAndForgetsNothing) // R63
{
    House house;
    const auto grant = house.joined("ann");
    house.store.down = true;
    EXPECT_EQ(outcome(house.refresh(grant.refresh_token)), "store_unavailable");
    EXPECT_TRUE(house.identify(grant.access_token).has_value()) << "verified traffic flows";
    house.store.down = false;
    EXPECT_EQ(outcome(house.refresh(grant.refresh_token)), "ok");
}

} // namespace
} // namespace gatehouse::auth
