#include "tests/auth/store/contract.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ApiKeyContract : public StoreContract {
protected:
    ApiKeyContract()
    {
        add_user("u1");
        add_user("u2");
        start_ = last();
    }

    [[nodiscard]] static ApiKey key_called(const std::string& id, const std::string& user = "u1")
    {
        ApiKey key;
        key.id = id;
        key.user_id = user;
        key.name = "name of " + id;
        key.digest = "digest of " + id;
        key.scopes = {"orders.read", "orders.write"};
        key.created = noon;
        return key;
    }

    [[nodiscard]] Result<void, StoreError> create(const ApiKey& key) const
    {
        return store->create_api_key(key, noon);
    }

    [[nodiscard]] std::optional<ApiKey> find(const std::string& id) const
    {
        return must(store->find_api_key(id));
    }

    [[nodiscard]] std::uint64_t last() const { return must(store->standing(noon)).sequence; }

    [[nodiscard]] std::vector<std::string> news() const { return story(start_); }

    [[nodiscard]] std::vector<std::string> listed(const std::string& after, std::size_t limit) const
    {
        std::vector<std::string> ids;
        for (const auto& key : must(store->list_api_keys(after, limit))) ids.push_back(key.id);
        return ids;
    }

private:
    std::uint64_t start_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Stores, ApiKeyContract, every_store, name_of);

TEST_P(ApiKeyContract, AKeyComesBackAsItWasWithTheRolesOfItsUser)
{
    auto key = key_called("k1");
    key.digest = std::string("\0\xff'\n", 4) + std::string(28, 'x');
    key.name = "it's \"quoted\"";
    key.expires_at = noon + 1h;
    must(create(key));
    const std::string roles[] = {"admin", "a,b"};
    must(store->set_roles("u1", roles, noon));
    key.roles = {"admin", "a,b"};
    EXPECT_EQ(find("k1"), key);
    EXPECT_THAT(must(store->api_keys_of("u1")), ElementsAre(key));
    EXPECT_FALSE(find("K1"));
    EXPECT_THAT(must(store->api_keys_of("u2")), IsEmpty());
}

TEST_P(ApiKeyContract, OnlyAUserWhoIsThereAndNotBlockedGetsOne)
{
    must(store->block_user("u2", noon));
    EXPECT_EQ(create(key_called("k1", "u3")).error(), StoreError::not_found);
    EXPECT_EQ(create(key_called("k1", "u2")).error(), StoreError::blocked);
    EXPECT_FALSE(find("k1"));
    EXPECT_THAT(news(), ElementsAre("user_blocked u2"));
}

TEST_P(ApiKeyContract, AnIdIsTakenOnce)
{
    must(create(key_called("k1")));
    auto other = key_called("k1", "u2");
    other.digest = "another";
    EXPECT_EQ(create(other).error(), StoreError::unavailable);
    EXPECT_EQ(find("k1")->digest, "digest of k1");
    EXPECT_THAT(news(), ElementsAre("api_key_created k1"));
}

TEST_P(ApiKeyContract, PagesFollowTheOrderOfTheIdsAndMissNone)
{
    for (const auto* id : {"k3", "k1", "k4", "k2"}) must(create(key_called(id)));
    EXPECT_THAT(listed("", 3), ElementsAre("k1", "k2", "k3"));
    EXPECT_THAT(listed("k3", 3), ElementsAre("k4"));
    EXPECT_THAT(listed("k31", 1), ElementsAre("k4"));
    EXPECT_THAT(listed("k4", 3), IsEmpty());
}

TEST_P(ApiKeyContract, RevokingIsToldOnceAndForGood)
{
    must(create(key_called("k1")));
    EXPECT_TRUE(must(store->revoke_api_key("k1", noon + 1s)));
    EXPECT_FALSE(must(store->revoke_api_key("k1", noon + 2s)));
    EXPECT_FALSE(must(store->revoke_api_key("k2", noon)));
    EXPECT_EQ(find("k1")->revoked_at, Millis{noon + 1s});
    EXPECT_THAT(news(), ElementsAre("api_key_created k1", "api_key_revoked k1"));
}

TEST_P(ApiKeyContract, BlockingRevokesTheKeysOfThatUserAndUnblockingRevivesNone)
{
    for (const auto* id : {"k1", "k2"}) must(create(key_called(id)));
    must(create(key_called("k3", "u2")));
    EXPECT_TRUE(must(store->revoke_api_key("k2", noon)));
    must(store->block_user("u1", noon + 1s));
    must(store->unblock_user("u1", noon + 2s));
    EXPECT_EQ(find("k1")->revoked_at, Millis{noon + 1s});
    EXPECT_EQ(find("k2")->revoked_at, Millis{noon});
    EXPECT_FALSE(find("k3")->revoked_at);
}

TEST_P(ApiKeyContract, ADeletedUserTakesTheKeysAlong)
{
    must(create(key_called("k1")));
    must(create(key_called("k2", "u2")));
    must(store->delete_user("u1", noon));
    EXPECT_FALSE(find("k1"));
    EXPECT_TRUE(find("k2"));
    EXPECT_THAT(listed("", 9), ElementsAre("k2"));
}

TEST_P(ApiKeyContract, TheLastUseOnlyGoesForward)
{
    for (const auto* id : {"k1", "k2"}) must(create(key_called(id)));
    EXPECT_FALSE(find("k1")->used_at);
    const std::string both[] = {"k1", "k2", "unknown"};
    must(store->note_api_keys_used(both, noon + 60s));
    const std::string one[] = {"k1"};
    must(store->note_api_keys_used(one, noon + 30s));
    EXPECT_EQ(find("k1")->used_at, noon + 60s);
    must(store->note_api_keys_used(one, noon + 90s));
    EXPECT_EQ(find("k1")->used_at, noon + 90s);
    EXPECT_EQ(find("k2")->used_at, noon + 60s);
    must(store->note_api_keys_used({}, noon));
}

TEST_P(ApiKeyContract, WhatIsOverIsForgotten)
{
    must(create(key_called("lives")));
    auto expiring = key_called("expires");
    expiring.expires_at = noon + 10s;
    must(create(expiring));
    must(create(key_called("revoked")));
    EXPECT_TRUE(must(store->revoke_api_key("revoked", Millis{noon} + 10'001ms)));
    must(store->forget_before(noon + 10s, 500));
    EXPECT_THAT(listed("", 9), SizeIs(3));
    must(store->forget_before(Millis{noon} + 10'001ms, 500));
    EXPECT_THAT(listed("", 9), ElementsAre("lives", "revoked"));
    must(store->forget_before(Millis{noon} + 10'002ms, 500));
    EXPECT_THAT(listed("", 9), ElementsAre("lives"));
}

TEST_P(ApiKeyContract, NoMoreIsForgottenAtOnceThanWasAskedFor)
{
    for (const auto* id : {"k1", "k2", "k3"}) {
        must(create(key_called(id)));
        EXPECT_TRUE(must(store->revoke_api_key(id, noon)));
    }
    EXPECT_TRUE(must(store->forget_before(noon + 1s, 2)));
    EXPECT_THAT(listed("", 9), SizeIs(1));
}

TEST_P(ApiKeyContract, TheRecordIsWrittenWithWhatItTellsOf)
{
    const auto deed = [](SecurityEventKind kind) {
        return Deed(record_of({kind, "ok", "u1", "", "", "", noon, "k1"}));
    };
    const auto created = deed(SecurityEventKind::apikey_create);
    const auto revoked = deed(SecurityEventKind::apikey_revoke);
    must(store->create_api_key(key_called("k1"), created));
    EXPECT_FALSE(store->create_api_key(key_called("k1"), created));
    EXPECT_TRUE(must(store->revoke_api_key("k1", revoked)));
    EXPECT_FALSE(must(store->revoke_api_key("k1", revoked)));
    std::vector<std::string> events;
    for (const auto& record : must(store->read_audit({}, {}, 9))) events.push_back(record.event);
    EXPECT_THAT(events, testing::UnorderedElementsAre("apikey_create", "apikey_revoke"));
}

} // namespace
} // namespace gatehouse::auth::contract
