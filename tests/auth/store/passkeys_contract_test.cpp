#include "tests/auth/store/contract.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth::contract {
namespace {

using Removal = PasskeyStore::Removal;
using testing::ElementsAre;
using testing::IsEmpty;

class PasskeyContract : public StoreContract {
protected:
    PasskeyContract()
    {
        add_user("u1");
        add_user("u2");
    }

    [[nodiscard]] static Passkey passkey_called(const std::string& id,
                                                const std::string& user = "u1")
    {
        Passkey passkey;
        passkey.id = id;
        passkey.user_id = user;
        passkey.name = "name of " + id;
        passkey.cose_key = "key of " + id;
        passkey.aaguid = std::string(16, '\0');
        passkey.transports = {"internal", "hybrid"};
        passkey.created = noon;
        return passkey;
    }

    [[nodiscard]] Result<void, StoreError> create(const Passkey& passkey) const
    {
        return store->create_passkey(passkey, 10, noon);
    }

    [[nodiscard]] std::optional<Passkey> find(const std::string& id) const
    {
        return must(store->find_passkey(id));
    }

    [[nodiscard]] bool use(const std::string& id, std::uint32_t count, Seconds at = noon) const
    {
        return must(store->use_passkey(id, {count, true, false}, at));
    }

    [[nodiscard]] Removal remove(const std::string& id, const std::string& user) const
    {
        return must(store->delete_passkey(id, user, noon));
    }

    [[nodiscard]] std::vector<std::string> names_of(const std::string& user) const
    {
        std::vector<std::string> names;
        for (const auto& passkey : must(store->passkeys_of(user))) names.push_back(passkey.name);
        return names;
    }
};

INSTANTIATE_TEST_SUITE_P(Stores, PasskeyContract, every_store, name_of);

TEST_P(PasskeyContract, APasskeyComesBackAsItWas)
{
    auto passkey = passkey_called(std::string("\0\xff'\n", 4));
    passkey.cose_key = std::string("\xa5\0\xff", 3);
    passkey.aaguid = std::string("\0\x01\xff", 3) + std::string(13, 'x');
    passkey.name = "it's \"quoted\"";
    passkey.sign_count = 0xFFFF'FFFF;
    passkey.backup_eligible = passkey.backed_up = true;
    must(create(passkey));
    EXPECT_EQ(find(passkey.id), passkey);
    EXPECT_THAT(must(store->passkeys_of("u1")), ElementsAre(passkey));
    EXPECT_THAT(names_of("u2"), IsEmpty());
    EXPECT_FALSE(find("another"));
}

TEST_P(PasskeyContract, AUserHasSoManyAtMost)
{
    must(store->create_passkey(passkey_called("p1"), 2, noon));
    must(store->create_passkey(passkey_called("p2"), 2, noon));
    EXPECT_EQ(store->create_passkey(passkey_called("p3"), 2, noon).error(),
              StoreError::too_many_passkeys);
    EXPECT_FALSE(find("p3"));
    must(store->create_passkey(passkey_called("p3", "u2"), 2, noon));
    EXPECT_EQ(remove("p1", "u1"), Removal::done);
    must(store->create_passkey(passkey_called("p4"), 2, noon));
}

TEST_P(PasskeyContract, AnIdIsTakenOnce)
{
    must(create(passkey_called("p1")));
    EXPECT_EQ(create(passkey_called("p1", "u2")).error(), StoreError::name_taken);
    EXPECT_EQ(find("p1")->user_id, "u1");
}

TEST_P(PasskeyContract, OnlyAUserWhoIsThereAndNotBlockedGetsOne)
{
    must(store->block_user("u2", noon));
    EXPECT_EQ(create(passkey_called("p1", "u3")).error(), StoreError::not_found);
    EXPECT_EQ(create(passkey_called("p1", "u2")).error(), StoreError::blocked);
    EXPECT_FALSE(find("p1"));
}

TEST_P(PasskeyContract, ACountGrowsOrIsNone)
{
    must(create(passkey_called("p1")));
    EXPECT_TRUE(use("p1", 0, noon + 1s)) << "it does not count";
    EXPECT_TRUE(use("p1", 0, noon + 2s));
    EXPECT_TRUE(use("p1", 5, noon + 3s)) << "from now on it does";
    EXPECT_FALSE(use("p1", 5, noon + 4s)) << "a copy of it has the same";
    EXPECT_FALSE(use("p1", 0, noon + 4s)) << "nor does it stop";
    EXPECT_TRUE(use("p1", 6, noon + 1s));
    EXPECT_EQ(find("p1")->sign_count, 6U);
    EXPECT_EQ(find("p1")->used_at, noon + 3s) << "time goes forward only";
    EXPECT_FALSE(use("unknown", 1));
}

TEST_P(PasskeyContract, ItsUserAloneRenamesAndDeletesIt)
{
    must(create(passkey_called("p1")));
    EXPECT_FALSE(must(store->rename_passkey("p1", "u2", "mine", noon)));
    EXPECT_TRUE(must(store->rename_passkey("p1", "u1", "blue key", noon)));
    EXPECT_THAT(names_of("u1"), ElementsAre("blue key"));
    EXPECT_EQ(remove("p1", "u2"), Removal::unknown);
    EXPECT_TRUE(find("p1"));
    EXPECT_EQ(remove("p1", "u1"), Removal::done);
    EXPECT_FALSE(find("p1"));
    EXPECT_EQ(remove("p1", "u1"), Removal::unknown);
}

TEST_P(PasskeyContract, TheLastWayInStays)
{
    must(store->set_password("u1", "", "", noon));
    must(create(passkey_called("p1")));
    must(create(passkey_called("p2")));
    EXPECT_EQ(remove("p1", "u1"), Removal::done);
    EXPECT_EQ(remove("p2", "u1"), Removal::last_way_in);
    EXPECT_TRUE(find("p2")) << "nothing was done";
    must(store->set_password("u1", "a hash", "", noon));
    EXPECT_EQ(remove("p2", "u1"), Removal::done);
}

TEST_P(PasskeyContract, ADeletedUserTakesThemAlongAndABlockedOneDoesNot)
{
    must(create(passkey_called("p1")));
    must(create(passkey_called("p2", "u2")));
    must(store->block_user("u1", noon));
    EXPECT_TRUE(find("p1"));
    must(store->delete_user("u1", noon));
    EXPECT_FALSE(find("p1"));
    EXPECT_TRUE(find("p2"));
}

TEST_P(PasskeyContract, TheOldestComesFirst)
{
    auto second = passkey_called("a");
    second.created = noon + 1s;
    must(create(second));
    must(create(passkey_called("b")));
    EXPECT_THAT(names_of("u1"), ElementsAre("name of b", "name of a"));
}

TEST_P(PasskeyContract, WhatIsGoodForOnceIsUsedOnce)
{
    const std::string digest("\0\xff digest", 9);
    EXPECT_TRUE(must(store->spend(digest, noon + 10s)));
    EXPECT_FALSE(must(store->spend(digest, noon + 20s)));
    EXPECT_TRUE(must(store->spend("another", noon + 20s)));
    must(store->forget_before(noon + 10s, 500));
    EXPECT_FALSE(must(store->spend(digest, noon + 20s))) << "not yet over";
    must(store->forget_before(noon + 11s, 500));
    EXPECT_TRUE(must(store->spend(digest, noon + 20s))) << "forgotten";
}

TEST_P(PasskeyContract, TheRecordIsWrittenWithWhatItTellsOf)
{
    const auto deed = [](SecurityEventKind kind) {
        return Deed(record_of({kind, "ok", "u1", "", "", "", noon, "p1"}));
    };
    must(store->create_passkey(passkey_called("p1"), 10, deed(SecurityEventKind::passkey_add)));
    EXPECT_FALSE(
        store->create_passkey(passkey_called("p1"), 10, deed(SecurityEventKind::passkey_add)));
    must(store->delete_passkey("p1", "u1", deed(SecurityEventKind::passkey_remove)));
    std::vector<std::string> events;
    for (const auto& record : must(store->read_audit({}, {}, 9))) events.push_back(record.event);
    EXPECT_THAT(events, testing::UnorderedElementsAre("passkey_add", "passkey_remove"));
}

} // namespace
} // namespace gatehouse::auth::contract
