#include "auth_fixture.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth {
namespace {

using testing::ElementsAre;

class OwnAccount : public testing::Test {
protected:
    [[nodiscard]] Result<Profile, AuthError> rename(OtherNames names,
                                                    const char* password = "correct horse")
    {
        names.current_password = Secret(password);
        return house.service.change_names(principal, names, somebody, house.place());
    }

    [[nodiscard]] std::string remove(const char* password = "correct horse")
    {
        return outcome(
            house.service.delete_account(principal, Secret(password), somebody, house.place()));
    }

    [[nodiscard]] static std::vector<std::string> blamed(const Result<Profile, AuthError>& result)
    {
        std::vector<std::string> names;
        if (result) return names;
        for (const auto& field : result.error().fields) names.push_back(field.name);
        return names;
    }

    House house;
    Grant grant = house.joined("ann");
    Principal principal = house.principal(grant);
};

OtherNames username(const std::string& name)
{
    OtherNames names;
    names.username = name;
    return names;
}

OtherNames email(const std::string& address)
{
    OtherNames names;
    names.email = address;
    return names;
}

TEST_F(OwnAccount, IsCalledAnotherNameFromThenOn)
{
    std::ignore = house.log.take();
    const auto renamed = rename(username("Bea"));
    ASSERT_EQ(outcome(renamed), "ok");
    EXPECT_EQ(renamed->username, "Bea");
    EXPECT_EQ(outcome(house.login("bea")), "ok");
    EXPECT_EQ(outcome(house.login("ann")), "invalid_credentials");
    EXPECT_TRUE(house.identify(grant.access_token).has_value()) << "the session goes on";
    EXPECT_EQ(outcome(rename(email("bea@example.com"))), "ok");
    EXPECT_EQ(outcome(house.login("bea")), "ok") << "the other name stays";
    EXPECT_THAT(house.log.take(),
                ElementsAre("user_rename ok", "login ok", "login invalid_credentials",
                            "user_rename ok", "login ok"));
}

TEST_F(OwnAccount, KeepsOneNameAtLeast)
{
    OtherNames none;
    none.username.emplace(std::nullopt);
    EXPECT_THAT(blamed(rename(none)), ElementsAre("username"));
    none.email.emplace(std::nullopt);
    EXPECT_THAT(blamed(rename(none)), ElementsAre("username"));
    none.email = "ann@example.com";
    const auto renamed = rename(none);
    ASSERT_EQ(outcome(renamed), "ok");
    EXPECT_FALSE(renamed->username);
    OtherNames nothing;
    nothing.email.emplace(std::nullopt);
    EXPECT_THAT(blamed(rename(nothing)), ElementsAre("email"));
}

TEST_F(OwnAccount, BlamesEveryNameThatIsNone)
{
    OtherNames names = username("a@b");
    names.email = "nobody";
    EXPECT_THAT(blamed(rename(names)), ElementsAre("username", "email"));
    EXPECT_THAT(blamed(rename(username(""))), ElementsAre("username"));
    EXPECT_EQ(house.hasher.computations(), 1U) << "only the registration";
}

TEST_F(OwnAccount, TakesNobodysName) // R57
{
    house.joined("bob");
    EXPECT_EQ(outcome(rename(username("BOB"))), "name_taken");
    EXPECT_EQ(outcome(house.login("ann")), "ok");
    EXPECT_EQ(outcome(rename(username("ANN"))), "ok") << "one's own in other letters";
}

TEST_F(OwnAccount, IsRenamedByThoseWhoKnowThePassword) // R53
{
    EXPECT_EQ(outcome(rename(username("ann"), "")), "ok") << "nothing changes";
    EXPECT_THAT(blamed(rename(username("Ann"), "")), ElementsAre("currentPassword"));
    EXPECT_EQ(outcome(rename(username("bob"), "wrong")), "invalid_credentials");
    EXPECT_EQ(remove("wrong"), "invalid_credentials");
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(outcome(rename(username("bob"), "wrong")), "invalid_credentials");
    }
    EXPECT_EQ(outcome(rename(username("bob"))), "too_many_attempts");
    EXPECT_EQ(remove(), "too_many_attempts");
    EXPECT_EQ(outcome(house.login("ann")), "too_many_attempts") << "the same account and address";
    house.clock.advance(1s);
    EXPECT_EQ(outcome(rename(username("bob"))), "ok");
}

TEST_F(OwnAccount, IsNotChangedByASessionThatEndedMeanwhile) // R43
{
    const auto owner = house.logged_in("ann");
    ASSERT_EQ(outcome(house.service.logout_others(house.principal(owner), somebody)), "ok");
    EXPECT_EQ(outcome(rename(username("bob"))), "token_revoked");
    EXPECT_EQ(remove(), "token_revoked");
    EXPECT_EQ(outcome(house.login("ann")), "ok");
}

TEST_F(OwnAccount, IsNotChangedByASessionThatEndedAtAProcessNotHeardYet) // R43
{
    ASSERT_TRUE(house.store.end_session(principal.session_id, Deed(house.clock.now())));
    ASSERT_TRUE(house.identify(grant.access_token)) << "nobody has told this process";
    EXPECT_EQ(
        outcome(house.service.change_password(principal, Secret("correct horse"),
                                              Secret("another horse"), somebody, house.place())),
        "token_revoked");
    EXPECT_EQ(outcome(rename(username("bob"))), "token_revoked");
    EXPECT_EQ(remove(), "token_revoked");
    EXPECT_EQ(outcome(house.login("ann")), "ok");
}

TEST_F(OwnAccount, EndsWithEverySessionAndLeavesTheId)
{
    const auto phone = house.logged_in("ann");
    EXPECT_EQ(remove(""), "invalid_fields");
    EXPECT_EQ(remove(), "ok");
    for (const auto& token : {grant.access_token, phone.access_token}) {
        EXPECT_EQ(house.identify(token).error(), TokenError::revoked);
    }
    EXPECT_EQ(outcome(house.refresh(phone.refresh_token)), "refresh_token_revoked");
    EXPECT_EQ(outcome(house.login("ann")), "invalid_credentials");
    EXPECT_EQ(remove(), "token_revoked");
    EXPECT_EQ(outcome(rename(username("bob"))), "token_revoked");
    EXPECT_EQ(outcome(house.service.copy_account(principal)), "token_revoked");
    const auto records = house.store.read_audit({}, {}, 100);
    ASSERT_TRUE(records);
    bool deleted = false;
    for (const auto& record : *records) {
        if (record.user_id == grant.user.id) {
            EXPECT_EQ(record.address, "");
        }
        deleted = deleted || record.event == "user_delete";
    }
    EXPECT_TRUE(deleted);
    EXPECT_EQ(outcome(house.register_user("ann")), "ok") << "the name is free";
}

TEST_F(OwnAccount, IsTakenAlongWithoutSecretsOrOthersRecords)
{
    house.joined("bob");
    house.clock.advance(1s);
    std::ignore = house.logged_in("ann");
    const auto copy = house.service.copy_account(principal);
    ASSERT_EQ(outcome(copy), "ok");
    EXPECT_EQ(copy->profile.username, "ann");
    EXPECT_EQ(copy->sessions.size(), 2U);
    EXPECT_TRUE(copy->has_all_records);
    std::vector<std::string> told;
    for (const auto& record : copy->records) told.push_back(record.event + ' ' + record.user_id);
    EXPECT_THAT(told, ElementsAre("login " + grant.user.id, "user_register " + grant.user.id));
}

TEST_F(OwnAccount, IsTakenAlongWithTheNewestRecordsWhereThereAreVeryMany)
{
    AuditRecord record;
    record.event = "login";
    record.user_id = grant.user.id;
    record.at = house.clock.now() + 1s;
    ASSERT_TRUE(house.store.append_audit(std::vector(AccountCopy::most_records - 1, record)));
    EXPECT_TRUE(house.service.copy_account(principal)->has_all_records);
    ASSERT_TRUE(house.store.append_audit(std::vector(1, record)));
    const auto copy = house.service.copy_account(principal);
    EXPECT_FALSE(copy->has_all_records);
    EXPECT_EQ(copy->records.size(), AccountCopy::most_records);
    EXPECT_EQ(copy->records.back().event, "login");
}

} // namespace
} // namespace gatehouse::auth
