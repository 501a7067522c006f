#include "auth_fixture.hpp"

namespace gatehouse::auth {
namespace {

config::Settings repeating()
{
    auto settings = quick_settings();
    settings.refresh.lost_answer = config::LostAnswer::repeat;
    return settings;
}

TEST(LostAnswer, IsFetchedAgainLongAfterTheWindow) // R41
{
    House house(repeating());
    const auto first = house.joined("ann");
    const auto lost = house.refresh(first.refresh_token);
    ASSERT_EQ(outcome(lost), "ok");
    for (int i = 0; i < 3; ++i) {
        house.clock.advance(1h);
        const auto again = house.refresh(first.refresh_token);
        ASSERT_EQ(outcome(again), "ok");
        EXPECT_EQ(again->refresh_token.reveal(), lost->refresh_token.reveal())
            << "one live generation, whoever asked for it";
    }
    const auto next = house.refresh(lost->refresh_token);
    ASSERT_EQ(outcome(next), "ok");
    EXPECT_EQ(house.claims(*next).generation, 3U);
}

TEST(LostAnswer, OnceThePairWasUsedAReplayIsTheft) // R40
{
    for (const bool is_written : {false, true}) {
        SCOPED_TRACE(is_written ? "the store knows" : "this process knows");
        House house(repeating());
        const auto first = house.joined("ann");
        const auto second = house.refresh(first.refresh_token);
        ASSERT_EQ(outcome(second), "ok");
        EXPECT_TRUE(house.identify(second->access_token));
        if (is_written) house.tell_store_what_was_seen();
        house.clock.advance(10s);
        EXPECT_EQ(outcome(house.refresh(first.refresh_token)), "refresh_token_reused");
        EXPECT_EQ(house.identify(second->access_token).error(), TokenError::revoked);
        EXPECT_EQ(outcome(house.refresh(second->refresh_token)), "refresh_token_revoked");
    }
}

TEST(LostAnswer, TheNewerTokenItselfIsAUse) // R40
{
    House house(repeating());
    const auto first = house.joined("ann");
    const auto second = house.refresh(first.refresh_token);
    const auto third = house.refresh(second->refresh_token);
    ASSERT_EQ(outcome(third), "ok");
    house.clock.advance(10s);
    EXPECT_EQ(outcome(house.refresh(second->refresh_token)), "ok") << "third may be lost";
    EXPECT_EQ(outcome(house.refresh(first.refresh_token)), "refresh_token_reused");
    EXPECT_EQ(outcome(house.refresh(third->refresh_token)), "refresh_token_revoked");
}

TEST(LostAnswer, TheUseOfAnOlderPairSaysNothingOfTheNewOne)
{
    House house(repeating());
    const auto first = house.joined("ann");
    const auto second = house.refresh(first.refresh_token);
    EXPECT_TRUE(house.identify(first.access_token)) << "still good, and older";
    house.tell_store_what_was_seen();
    house.clock.advance(1min);
    EXPECT_EQ(outcome(house.refresh(first.refresh_token)), "ok");
}

TEST(LostAnswer, APairThatNobodyWatchedCountsAsUsed) // R40
{
    House before;
    const auto first = before.joined("ann");
    ASSERT_EQ(outcome(before.refresh(first.refresh_token)), "ok");
    before.clock.advance(1min);
    auto settings = before.settings;
    settings.refresh.lost_answer = config::LostAnswer::repeat;
    SeenPairs seen;
    AuthService after_restart({before.store, *before.keys, before.revocations, before.hasher,
                               before.throttle, before.clock, before.log, nullptr, &seen},
                              settings);
    EXPECT_EQ(outcome(after_restart.refresh(before.claims(first), somebody)),
              "refresh_token_reused");
}

TEST(LostAnswer, IsNotRepeatedUnlessTheSettingsSaySo)
{
    House house;
    const auto first = house.joined("ann");
    const auto second = house.refresh(first.refresh_token);
    ASSERT_EQ(outcome(second), "ok");
    const auto claims =
        TokenVerifier(house.settings.tokens)
            .access(*house.keys->ring(), second->access_token.reveal(), house.clock.seconds());
    EXPECT_EQ(claims->generation, std::nullopt) << "nor do tokens say of which pair they are";
    house.clock.advance(10s);
    EXPECT_EQ(outcome(house.refresh(first.refresh_token)), "refresh_token_reused");
}

TEST(LostAnswer, SigningOutBeatsIt) // R43
{
    House house(repeating());
    const auto first = house.joined("ann");
    const auto second = house.refresh(first.refresh_token);
    ASSERT_TRUE(house.service.logout(house.claims(first), somebody));
    EXPECT_EQ(outcome(house.refresh(first.refresh_token)), "refresh_token_revoked");
    EXPECT_EQ(outcome(house.refresh(second->refresh_token)), "refresh_token_revoked");
}

TEST(LostAnswer, AThiefWhoFetchesThePairIsFoundAtItsNextExchange) // R40: never two live lineages
{
    House house(repeating());
    const auto first = house.joined("ann");
    const auto owners = house.refresh(first.refresh_token); // got it, has not used it yet
    house.clock.advance(30min);
    const auto thiefs = house.refresh(first.refresh_token);
    ASSERT_EQ(outcome(thiefs), "ok");
    EXPECT_EQ(outcome(house.refresh(thiefs->refresh_token)), "ok");
    EXPECT_TRUE(house.identify(owners->access_token));
    house.clock.advance(10s);
    const auto third = house.refresh(owners->refresh_token); // may be the thief's lost answer
    ASSERT_EQ(outcome(third), "ok");
    EXPECT_EQ(house.claims(*third).generation, 3U);
    EXPECT_TRUE(house.identify(third->access_token));
    EXPECT_EQ(outcome(house.refresh(owners->refresh_token)), "refresh_token_reused");
    EXPECT_EQ(outcome(house.refresh(third->refresh_token)), "refresh_token_revoked");
}

} // namespace
} // namespace gatehouse::auth
