#include "auth/accounts/names.hpp"
#include "auth/service/invites.hpp"
#include "auth_fixture.hpp"

namespace gatehouse::auth {
namespace {

TEST(AdminService, FindsAPersonByAnyNameOrById)
{
    House house;
    const auto added =
        house.admin.add_user({"Ann", "ann@example.com", Secret("correct horse"), {}}, {"admin"});
    ASSERT_EQ(outcome(added), "ok");
    for (const std::string& who :
         {std::string("ann"), std::string("ANN"), std::string("Ann@Example.com"), added->id}) {
        const auto found = house.admin.find_user(who);
        ASSERT_EQ(outcome(found), "ok") << who;
        EXPECT_EQ(found->id, added->id);
        EXPECT_EQ(found->roles, std::vector<std::string>{"admin"});
    }
    EXPECT_EQ(outcome(house.admin.find_user("bob")), "not_found");
    EXPECT_EQ(outcome(house.admin.find_user("")), "not_found");
}

TEST(AdminService, MeansTheAccountOfAnIdThoughAnotherIsCalledSo)
{
    House house;
    const auto eve = house.joined("eve").user.id;
    // From before such names were refused, or from another system.
    User decoy;
    decoy.id = "decoy";
    decoy.username = fold_name(eve);
    decoy.folded_username = fold_name(eve);
    decoy.password_hash = "x";
    ASSERT_TRUE(house.store.create_user(decoy, {}, house.clock.now()));

    ASSERT_EQ(outcome(house.admin.block(eve)), "ok");
    EXPECT_TRUE((*house.store.find_user(eve))->blocked);
    EXPECT_FALSE((*house.store.find_user("decoy"))->blocked);
    ASSERT_EQ(outcome(house.admin.set_roles(eve, {"admin"})), "ok");
    EXPECT_TRUE((*house.store.find_user("decoy"))->roles.empty());
}

TEST(AdminService, AuditsTheAccountThatAnIdWasThoughAnotherIsCalledSoSince)
{
    House house;
    const auto gone = house.joined("eve").user.id;
    EXPECT_EQ(*house.admin.audited_id("eve"), gone);
    EXPECT_EQ(*house.admin.audited_id(gone), gone);
    ASSERT_EQ(outcome(house.admin.delete_user("eve")), "ok");
    EXPECT_EQ(*house.admin.audited_id(gone), gone);
    ASSERT_EQ(outcome(house.register_user(gone)), "ok");
    EXPECT_EQ(*house.admin.audited_id(gone), gone);
    EXPECT_EQ(outcome(house.admin.audited_id("nobody")), "not_found");
}

TEST(AdminService, JudgesANewAccountLikeARegistration)
{
    House house;
    const auto add = [&](const char* username, const char* password,
                         std::vector<std::string> roles) {
        return house.admin.add_user({username, {}, Secret(password), {}}, std::move(roles));
    };
    EXPECT_EQ(outcome(add("a@b", "correct horse", {})), "invalid_fields");
    EXPECT_EQ(outcome(add("ann", "short", {})), "invalid_fields");
    EXPECT_EQ(outcome(add("ann", "correct horse", {})), "ok");
    EXPECT_EQ(outcome(add("ANN", "correct horse", {})), "name_taken");
}

TEST(AdminService, TakesOnlyRolesThatFitIntoAHeader) // R22
{
    House house;
    house.joined("ann");
    for (const auto* role : {"", "two words", "a,b", "a\r\nX-User-Id: 1", "r\u00F4le"}) {
        EXPECT_EQ(outcome(house.admin.set_roles("ann", {"fine", role})), "invalid_fields") << role;
        EXPECT_EQ(outcome(house.admin.add_user({"bob", {}, Secret("correct horse"), {}}, {role})),
                  "invalid_fields");
    }
    EXPECT_EQ(outcome(house.admin.set_roles("ann", std::vector<std::string>(33, "role"))),
              "invalid_fields");
    EXPECT_EQ(outcome(house.admin.set_roles("ann", {"admin", "ops:read"})), "ok");
    EXPECT_EQ(outcome(house.admin.set_roles("ann", {})), "ok");
}

TEST(AdminService, ARoleThatIsGivenTwiceIsKeptOnce)
{
    House house;
    house.joined("ann");
    const std::vector<std::string> each_once{"b", "a"};
    EXPECT_EQ(house.admin.set_roles("ann", {"b", "a", "b"})->roles, each_once);
    EXPECT_EQ((*house.store.find_user_by_name("ann"))->roles, each_once);
    EXPECT_EQ(
        house.admin.add_user({"cyd", {}, Secret("correct horse"), {}}, {"b", "a", "a"})->roles,
        each_once);
}

TEST(AdminService, WhatItDoesTravelsThroughTheChangeFeed)
{
    House house;
    const auto ann = house.joined("ann");
    const auto bob = house.joined("bob");
    const auto eve = house.joined("eve");
    ASSERT_EQ(outcome(house.admin.set_roles("bob", {"admin"})), "ok");
    ASSERT_EQ(outcome(house.admin.block("ann")), "ok");
    ASSERT_EQ(outcome(house.admin.set_password("eve", Secret("another horse"))), "ok");
    EXPECT_TRUE(house.identify(ann.access_token).has_value()) << "another process does not know";

    const auto changes = house.store.changes_after(0, 100);
    for (const auto& change : *changes) {
        house.revocations.apply(change, house.clock.seconds() + 1h);
    }
    EXPECT_EQ(house.identify(ann.access_token).error(), TokenError::revoked);
    EXPECT_EQ(house.identify(eve.access_token).error(), TokenError::revoked);
    EXPECT_EQ(house.principal(bob).roles, std::vector<std::string>{"admin"});
    EXPECT_EQ(outcome(house.login("eve")), "invalid_credentials");
    EXPECT_EQ(outcome(house.login("eve", "another horse")), "ok");
}

TEST(AdminService, DeletesAPersonAndFreesTheName)
{
    House house;
    const auto first = house.joined("ann");
    ASSERT_EQ(outcome(house.admin.delete_user("ann")), "ok");
    EXPECT_EQ(outcome(house.admin.delete_user("ann")), "not_found");
    EXPECT_EQ(outcome(house.refresh(first.refresh_token)), "refresh_token_revoked");
    const auto second = house.joined("ann");
    EXPECT_NE(second.user.id, first.user.id);
}

TEST(AdminService, ListsPeopleInPages)
{
    House house;
    for (const auto* name : {"ann", "bob", "eve"}) {
        house.joined(name);
        house.clock.advance(1s);
    }
    const auto first = house.admin.list_users("", 2);
    ASSERT_TRUE(first.has_value());
    ASSERT_EQ(first->size(), 2U);
    EXPECT_EQ(first->at(0).username, "ann");
    const auto rest = house.admin.list_users(first->at(1).id, 2);
    ASSERT_EQ(rest->size(), 1U);
    EXPECT_EQ(rest->at(0).username, "eve");
}

TEST(AdminService, ListsAndRevokesSessions)
{
    House house;
    const auto one = house.joined("ann");
    const auto two = house.logged_in("ann");
    const auto bob = house.joined("bob");
    ASSERT_EQ(house.admin.list_sessions("ann")->size(), 2U);
    EXPECT_EQ(outcome(house.admin.revoke_session(one.session_id)), "ok");
    EXPECT_EQ(outcome(house.admin.revoke_session(one.session_id)), "not_found");
    EXPECT_EQ(outcome(house.admin.revoke_session("nothing")), "not_found");
    EXPECT_EQ(house.admin.list_sessions("ann")->size(), 1U);
    EXPECT_EQ(*house.admin.revoke_sessions_of("ann"), 1U);
    EXPECT_EQ(outcome(house.refresh(two.refresh_token)), "refresh_token_revoked");
    EXPECT_EQ(outcome(house.refresh(bob.refresh_token)), "ok");
}

TEST(AdminService, MakesInvitesNobodyCanGuessOrReadInTheStore)
{
    House house;
    const auto one = house.admin.invite(1h);
    const auto two = house.admin.invite(1h);
    ASSERT_TRUE(one && two);
    EXPECT_EQ(one->code.size(), 22U);
    EXPECT_NE(one->code.reveal(), two->code.reveal());
    EXPECT_EQ(one->expires_at, house.clock.seconds() + 1h);
    EXPECT_EQ(house.log.everything().find(one->code.reveal()), std::string::npos);
    EXPECT_EQ(invite_hash("abc"), // FIPS 180-4, example 1
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(AdminService, SaysWhenTheStoreIsDown)
{
    House house;
    house.joined("ann");
    house.store.down = true;
    EXPECT_EQ(outcome(house.admin.block("ann")), "store_unavailable");
    EXPECT_EQ(outcome(house.admin.add_user({"bob", {}, Secret("correct horse"), {}}, {})),
              "store_unavailable");
}

} // namespace
} // namespace gatehouse::auth
