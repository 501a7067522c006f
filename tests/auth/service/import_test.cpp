#include "auth_fixture.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth {
namespace {

using testing::ElementsAre;
using Import = AdminService::Import;

// "U*U*", with a cost of 5
constexpr auto bcrypt_hash = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK";
constexpr auto scrypt_hash = "$scrypt$ln=4,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$"
                             "OAkZqUBelG6VIYdTJfYSENL5OmZRxMa3GwXn5oFliTg";

ImportedAccount account(const std::string& id, const std::optional<std::string>& username,
                        const std::optional<std::string>& email = {})
{
    ImportedAccount account;
    account.user.id = id;
    account.user.username = account.user.folded_username = username;
    account.user.email = account.user.folded_email = email;
    account.user.password_hash = bcrypt_hash;
    account.user.roles = {"editor"};
    return account;
}

class ImportUser : public testing::Test {
protected:
    Import import(const ImportedAccount& what)
    {
        const auto looked = house.admin.look_up(what);
        const auto done = house.admin.import_user(what);
        EXPECT_TRUE(looked && done);
        EXPECT_EQ(*looked, *done) << "a rehearsal says what will be";
        return *done;
    }

    House house;
};

TEST_F(ImportUser, LogsInWithTheOldPasswordUnderTheOldIdAndIsHashedAnew)
{
    EXPECT_EQ(import(account("65a1b2c3", "ann")), Import::is_new);
    auto second = account("65a1b2c4", "bob");
    second.user.password_hash = scrypt_hash;
    EXPECT_EQ(import(second), Import::is_new);

    const auto grant = house.login("ann", "U*U*"); // too short for a new one, and nobody minds
    ASSERT_EQ(outcome(grant), "ok");
    EXPECT_EQ(grant->user.id, "65a1b2c3");
    EXPECT_THAT(house.principal(*grant).roles, ElementsAre("editor"));
    EXPECT_EQ(outcome(house.login("bob", "correct horse")), "ok");
    for (const auto* id : {"65a1b2c3", "65a1b2c4"}) {
        const auto user = house.store.find_user(id);
        EXPECT_TRUE((*user)->password_hash.starts_with("$argon2id$")) << (*user)->password_hash;
    }
    EXPECT_EQ(outcome(house.login("ann", "U*U*")), "ok");
    EXPECT_EQ(outcome(house.login("ann", "U*U")), "invalid_credentials");
}

TEST_F(ImportUser, IsNotDoubledByASecondTime)
{
    EXPECT_EQ(import(account("1", "ann", "ann@example.com")), Import::is_new);
    EXPECT_EQ(import(account("1", "ann", "ann@example.com")), Import::is_there);
    EXPECT_EQ(import(account("1", "renamed since")), Import::is_there);
    EXPECT_EQ(import(account("", "bob", "bob@example.com")), Import::is_new);
    EXPECT_EQ(import(account("", "bob", "bob@example.com")), Import::is_there);
    EXPECT_EQ(house.admin.list_users("", 10)->size(), 2U);
}

TEST_F(ImportUser, TakesNobodysName) // R57
{
    house.joined("ann");
    EXPECT_EQ(import(account("1", "ann")), Import::name_taken);
    EXPECT_EQ(import(account("2", "eve", "ann")), Import::name_taken);
    EXPECT_EQ(import(account("", "ann", "ann@example.com")), Import::name_taken)
        << "only one of the names: somebody else";
    house.joined("bob");
    EXPECT_EQ(import(account("", "ann", "bob")), Import::name_taken) << "two people's names";
    EXPECT_EQ(house.admin.list_users("", 10)->size(), 2U);
}

TEST_F(ImportUser, IsOnRecord)
{
    EXPECT_EQ(import(account("1", "ann")), Import::is_new);
    EXPECT_EQ(import(account("1", "ann")), Import::is_there);
    const auto records = house.store.read_audit({}, {}, 10);
    ASSERT_EQ(records->size(), 1U);
    EXPECT_EQ(records->front().event, "user_import");
    EXPECT_EQ(records->front().user_id, "1");
    EXPECT_EQ(records->front().detail, "editor");
}

TEST_F(ImportUser, StaysBlockedWhereItWasBlocked)
{
    auto blocked = account("1", "ann");
    blocked.user.blocked = true;
    EXPECT_EQ(import(blocked), Import::is_new);
    EXPECT_EQ(outcome(house.login("ann", "U*U*")), "account_blocked");
}

} // namespace
} // namespace gatehouse::auth
