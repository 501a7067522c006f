#include "auth_fixture.hpp"

namespace gatehouse::auth {
namespace {

TEST(Logout, EndsTheSessionForAccessTokensBeforeItReturns) // R46
{
    House house;
    const auto grant = house.joined("ann");
    const auto other = house.logged_in("ann");
    ASSERT_EQ(outcome(house.service.logout(house.principal(grant), somebody)), "ok");
    EXPECT_EQ(house.identify(grant.access_token).error(), TokenError::revoked);
    EXPECT_EQ(outcome(house.refresh(grant.refresh_token)), "refresh_token_revoked");
    EXPECT_TRUE(house.identify(other.access_token).has_value());
}

TEST(Logout, TakesAnyRefreshTokenOfTheSessionExpiredOldOrEnded)
{
    House house;
    const auto first = house.joined("ann");
    const auto second = house.refresh(first.refresh_token);
    ASSERT_EQ(outcome(second), "ok");
    const auto end_with = [&](const Grant& grant) {
        const auto claims = house.service.check_logout_token(grant.refresh_token.reveal());
        if (!claims) return std::string(to_string(claims.error().kind));
        return outcome(house.service.logout(*claims, somebody));
    };
    EXPECT_EQ(end_with(first), "ok") << "an older generation";
    EXPECT_EQ(house.identify(second->access_token).error(), TokenError::revoked);
    EXPECT_EQ(end_with(*second), "ok") << "an ended session";
    EXPECT_EQ(end_with(*second), "ok") << "and again";
    const auto third = house.logged_in("ann");
    house.clock.advance(366 * 24h);
    EXPECT_EQ(end_with(third), "ok") << "an expired token";
    EXPECT_EQ(outcome(house.refresh(third.refresh_token)), "refresh_token_expired");
    House elsewhere;
    EXPECT_EQ(end_with(elsewhere.joined("ann")), "refresh_token_invalid") << "a forged one";
}

TEST(Logout, AnExpiredRefreshTokenStillEndsALivingAccessToken) // R46
{
    auto settings = quick_settings();
    settings.tokens.refresh_ttl = 1min;
    House house(settings);
    const auto grant = house.joined("ann");
    house.clock.advance(2min);
    ASSERT_TRUE(house.identify(grant.access_token).has_value());
    const auto claims = house.service.check_logout_token(grant.refresh_token.reveal());
    ASSERT_TRUE(claims.has_value());
    EXPECT_EQ(outcome(house.service.logout(*claims, somebody)), "ok");
    EXPECT_EQ(house.identify(grant.access_token).error(), TokenError::revoked);
}

TEST(Logout, OfAllRefusesTheBearerAtOnceAlsoWhenAnotherProcessEndedItBefore) // R46
{
    House house;
    const auto grant = house.joined("ann");
    const auto principal = house.principal(grant);
    ASSERT_TRUE(house.store.end_session(grant.session_id, house.clock.now())); // not heard yet
    ASSERT_EQ(outcome(house.service.logout_all(principal, somebody)), "ok");
    EXPECT_EQ(house.identify(grant.access_token).error(), TokenError::revoked);
}

TEST(Logout, IsNotPretendedWhenTheStoreIsDown) // T11
{
    House house;
    const auto grant = house.joined("ann");
    const auto principal = house.principal(grant);
    house.store.down = true;
    EXPECT_EQ(outcome(house.service.logout(principal, somebody)), "store_unavailable");
    EXPECT_EQ(outcome(house.service.logout_all(principal, somebody)), "store_unavailable");
}

TEST(LogoutAll, EndsEverySessionOfThisUserAndOfNoOther) // R43
{
    House house;
    const auto one = house.joined("ann");
    const auto two = house.logged_in("ann");
    const auto bob = house.joined("bob");
    ASSERT_EQ(outcome(house.service.logout_all(house.principal(one), somebody)), "ok");
    for (const auto& grant : {one, two}) {
        EXPECT_EQ(house.identify(grant.access_token).error(), TokenError::revoked);
        EXPECT_EQ(outcome(house.refresh(grant.refresh_token)), "refresh_token_revoked");
    }
    EXPECT_TRUE(house.identify(bob.access_token).has_value());
    EXPECT_EQ(outcome(house.login("ann")), "ok") << "the account lives";
}

TEST(LogoutOthers, KeepsTheSessionThatAsks)
{
    House house;
    const auto one = house.joined("ann");
    const auto two = house.logged_in("ann");
    ASSERT_EQ(outcome(house.service.logout_others(house.principal(two), somebody)), "ok");
    EXPECT_EQ(house.identify(one.access_token).error(), TokenError::revoked);
    EXPECT_TRUE(house.identify(two.access_token).has_value());
    EXPECT_EQ(outcome(house.refresh(two.refresh_token)), "ok");
}

TEST(Revocation, LastsUntilTheLastTokenThatCouldExistHasExpired) // R46
{
    House house;
    const auto grant = house.joined("ann");
    ASSERT_EQ(outcome(house.service.logout(house.principal(grant), somebody)), "ok");
    house.clock.advance(1h - 1s);
    house.revocations.forget(house.clock.seconds());
    EXPECT_EQ(house.identify(grant.access_token).error(), TokenError::revoked);
    house.clock.advance(1s);
    EXPECT_EQ(house.identify(grant.access_token).error(), TokenError::expired);
    house.clock.advance(62s);
    house.revocations.forget(house.clock.seconds());
    EXPECT_EQ(house.revocations.size(), 0U);
}

TEST(Sessions, AreListedForTheirOwnerOnly) // R47
{
    House house;
    const auto one = house.joined("ann");
    house.clock.advance(1min);
    const auto two = house.logged_in("ann");
    house.joined("bob");
    house.clock.advance(1min);
    ASSERT_EQ(outcome(house.refresh(one.refresh_token)), "ok");
    const auto list = house.service.list_sessions(house.principal(two));
    ASSERT_TRUE(list.has_value());
    ASSERT_EQ(list->size(), 2U);
    EXPECT_EQ(list->at(0).id, two.session_id);
    EXPECT_TRUE(list->at(0).current);
    EXPECT_EQ(list->at(0).address, "192.0.2.1");
    EXPECT_EQ(list->at(0).user_agent, "test agent");
    EXPECT_EQ(list->at(1).id, one.session_id);
    EXPECT_FALSE(list->at(1).current);
    EXPECT_EQ(list->at(1).last_used - list->at(1).created, 2min);
}

TEST(Sessions, CanBeRevokedByTheirOwnerOnly) // R47
{
    House house;
    const auto ann = house.joined("ann");
    const auto phone = house.logged_in("ann");
    const auto bob = house.joined("bob");
    const auto as_ann = house.principal(ann);
    const auto revoke = [&](std::string_view id) {
        return outcome(house.service.revoke_session(as_ann, id, somebody));
    };
    EXPECT_EQ(revoke(bob.session_id), "not_found");
    EXPECT_TRUE(house.identify(bob.access_token).has_value());
    EXPECT_EQ(revoke("AAAAAAAAAAAAAAAAAAAAAA"), "not_found");
    EXPECT_EQ(revoke("../sessions"), "not_found");
    EXPECT_EQ(revoke(""), "not_found");
    EXPECT_EQ(revoke(phone.session_id), "ok");
    EXPECT_EQ(house.identify(phone.access_token).error(), TokenError::revoked);
    EXPECT_EQ(revoke(phone.session_id), "not_found") << "it is gone";
    EXPECT_EQ(revoke(ann.session_id), "ok") << "also the one that asks";
    EXPECT_EQ(house.identify(ann.access_token).error(), TokenError::revoked);
}

TEST(Me, ShowsTheAccountAndRefusesOneThatIsGone)
{
    House house;
    const auto grant = house.joined("ann");
    const auto principal = house.principal(grant);
    const auto me = house.service.me(principal);
    ASSERT_EQ(outcome(me), "ok");
    EXPECT_EQ(me->id, grant.user.id);
    EXPECT_EQ(me->username, "ann");
    EXPECT_EQ(me->email, std::nullopt);
    ASSERT_TRUE(house.admin.block("ann").has_value());
    EXPECT_EQ(outcome(house.service.me(principal)), "token_revoked");
    ASSERT_TRUE(house.admin.delete_user("ann").has_value());
    EXPECT_EQ(outcome(house.service.me(principal)), "token_revoked");
}

TEST(ChangePassword, EndsEveryOtherSession)
{
    House house;
    const auto one = house.joined("ann");
    const auto two = house.logged_in("ann");
    const auto changed =
        house.service.change_password(house.principal(one), Secret("correct horse"),
                                      Secret("another horse"), somebody, house.place());
    ASSERT_EQ(outcome(changed), "ok");
    EXPECT_TRUE(house.identify(one.access_token).has_value());
    EXPECT_EQ(house.identify(two.access_token).error(), TokenError::revoked);
    EXPECT_EQ(outcome(house.refresh(two.refresh_token)), "refresh_token_revoked");
    EXPECT_EQ(outcome(house.login("ann", "correct horse")), "invalid_credentials");
    EXPECT_EQ(outcome(house.login("ann", "another horse")), "ok");
}

TEST(ChangePassword, WantsTheCurrentOneAndIsThrottledLikeALogin) // R53
{
    House house;
    const auto grant = house.joined("ann");
    const auto principal = house.principal(grant);
    const auto change = [&](const char* current, const char* fresh) {
        return house.service.change_password(principal, Secret(current), Secret(fresh), somebody,
                                             house.place());
    };
    EXPECT_EQ(outcome(change("correct horse", "short")), "invalid_fields");
    EXPECT_EQ(change("correct horse", "short").error().fields.at(0).name, "newPassword");
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(outcome(change("wrong", "another horse")), "invalid_credentials");
    }
    EXPECT_EQ(outcome(change("correct horse", "another horse")), "too_many_attempts");
    EXPECT_EQ(outcome(house.login("ann")), "too_many_attempts") << "the same account and address";
    house.clock.advance(1s);
    EXPECT_EQ(outcome(change("correct horse", "another horse")), "ok");
}

TEST(ChangePassword, IsRefusedToASessionThatEndedMeanwhile) // R43
{
    House house;
    const auto thief = house.joined("ann");
    const auto owner = house.logged_in("ann");
    const auto as_thief = house.principal(thief);
    ASSERT_EQ(outcome(house.service.logout_others(house.principal(owner), somebody)), "ok");
    const auto changed = house.service.change_password(
        as_thief, Secret("correct horse"), Secret("another horse"), somebody, house.place());
    EXPECT_EQ(outcome(changed), "token_revoked");
    EXPECT_EQ(outcome(house.login("ann")), "ok");
}

TEST(ChangePassword, IsNotDisturbedByALoginThatRenewsTheHash)
{
    House house;
    const auto grant = house.joined("ann");
    const auto change = [&] {
        return outcome(
            house.service.change_password(house.principal(grant), Secret("correct horse"),
                                          Secret("another horse"), somebody, house.place()));
    };
    const auto renew = [&](const char* password) {
        const auto user = *house.store.find_user(grant.user.id);
        const auto renewed = house.hasher.hash(password, house.place());
        ASSERT_TRUE(*house.store.replace_hash(user->id, user->password_hash, *renewed));
    };
    house.store.before_set_password([&] { renew("a third horse"); });
    EXPECT_EQ(change(), "invalid_credentials") << "it was changed meanwhile";
    renew("correct horse");
    house.store.before_set_password([&] { renew("correct horse"); });
    EXPECT_EQ(change(), "ok");
    EXPECT_EQ(outcome(house.login("ann", "another horse")), "ok");
}

TEST(ChangePassword, IsRefusedToABlockedOrDeletedUser)
{
    House house;
    const auto principal = house.principal(house.joined("ann"));
    const auto change = [&] {
        return outcome(house.service.change_password(
            principal, Secret("correct horse"), Secret("another horse"), somebody, house.place()));
    };
    ASSERT_TRUE(house.admin.block("ann").has_value());
    EXPECT_EQ(change(), "token_revoked");
    ASSERT_TRUE(house.admin.delete_user("ann").has_value());
    EXPECT_EQ(change(), "token_revoked");
}

} // namespace
} // namespace gatehouse::auth
