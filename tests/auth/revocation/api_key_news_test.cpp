#include "auth/revocation/feed_follower.hpp"
#include "auth/store/memory/memory_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

using namespace std::chrono_literals;

constexpr Seconds noon{std::chrono::seconds{1'800'000'000}};

struct StillClock final : Clock {
    [[nodiscard]] Millis now() const noexcept override { return noon; }
};

/// Cannot read a key while it is down, although its feed goes on.
struct TroubledStore final : MemoryStore {
    Result<std::optional<ApiKey>, StoreError> find_api_key(std::string_view id) override
    {
        if (down) return StoreError::unavailable;
        return MemoryStore::find_api_key(id);
    }

    Result<std::vector<ApiKey>, StoreError> list_api_keys(std::string_view after,
                                                          std::size_t limit) override
    {
        if (down) return StoreError::unavailable;
        return MemoryStore::list_api_keys(after, limit);
    }

    bool down = false;
};

/// What a process knows of API keys by listening.
class ApiKeyNews : public testing::Test {
protected:
    ApiKeyNews()
    {
        User user;
        user.id = "u1";
        user.roles = {"editor"};
        EXPECT_TRUE(store.create_user(user, {}, noon));
    }

    /// Made by another process.
    ApiKeyProof create()
    {
        const auto made = make_api_key();
        ApiKey key;
        key.id = made.id;
        key.user_id = "u1";
        key.digest = made.digest;
        EXPECT_TRUE(store.create_api_key(key, noon));
        return *read_api_key(made.text.reveal());
    }

    [[nodiscard]] std::string ask(const ApiKeyProof& proof) const
    {
        const auto found = table.find(proof, noon);
        return found ? found->principal.user_id : std::string(to_string(found.error()));
    }

    TroubledStore store;
    StillClock clock;
    RevocationTable revocations;
    ApiKeyTable table;
    FeedFollower follower{
        {store, revocations, clock, &table, &store},
        1h, [] { return true; }
    };
};

TEST_F(ApiKeyNews, AStartingProcessKnowsAllKeysThereAre)
{
    std::vector<ApiKeyProof> keys;
    for (int i = 0; i < 1'001; ++i) keys.push_back(create()); // more than two pages
    ASSERT_TRUE(store.revoke_api_key(keys[7].id.to_string(), noon));
    ASSERT_TRUE(follower.catch_up());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        EXPECT_EQ(ask(keys[i]), i == 7 ? "revoked" : "u1") << i;
    }
}

TEST_F(ApiKeyNews, AProcessThatCannotReadThemDoesNotStart)
{
    const auto key = create();
    store.down = true;
    EXPECT_EQ(follower.catch_up().error(), StoreError::unavailable);
    store.down = false;
    ASSERT_TRUE(follower.catch_up());
    EXPECT_EQ(ask(key), "u1");
}

TEST_F(ApiKeyNews, ARunningProcessHearsOfNewAndOfRevokedKeys)
{
    ASSERT_TRUE(follower.catch_up());
    const auto key = create();
    EXPECT_EQ(ask(key), "unknown_key");
    ASSERT_TRUE(follower.hear());
    EXPECT_EQ(ask(key), "u1");
    EXPECT_THAT(table.find(key, noon)->principal.roles, testing::ElementsAre("editor"));
    ASSERT_TRUE(store.revoke_api_key(key.id.to_string(), noon));
    ASSERT_TRUE(follower.hear());
    EXPECT_EQ(ask(key), "revoked");
}

TEST_F(ApiKeyNews, AKeyThatCameAndWentBeforeItWasHeardOfIsRefused)
{
    ASSERT_TRUE(follower.catch_up());
    const auto revoked = create();
    const auto blocked = create();
    ASSERT_TRUE(store.revoke_api_key(revoked.id.to_string(), noon));
    ASSERT_TRUE(store.block_user("u1", noon));
    ASSERT_TRUE(store.unblock_user("u1", noon));
    const auto fresh = create();
    ASSERT_TRUE(follower.hear());
    EXPECT_EQ(ask(revoked), "revoked");
    EXPECT_EQ(ask(blocked), "revoked");
    EXPECT_EQ(ask(fresh), "u1");
}

TEST_F(ApiKeyNews, ADeletedUsersKeyIsRefused)
{
    const auto known = create();
    ASSERT_TRUE(follower.catch_up());
    const auto fresh = create();
    ASSERT_TRUE(store.delete_user("u1", noon));
    ASSERT_TRUE(follower.hear());
    EXPECT_EQ(ask(known), "revoked");
    EXPECT_EQ(ask(fresh), "unknown_key");
}

TEST_F(ApiKeyNews, WhatCouldNotBeReadIsReadTheNextTime)
{
    ASSERT_TRUE(follower.catch_up());
    const auto known = create();
    ASSERT_TRUE(follower.hear());
    const auto fresh = create();
    const auto other = create();
    ASSERT_TRUE(store.revoke_api_key(known.id.to_string(), noon));
    store.down = true;
    EXPECT_FALSE(follower.hear());
    EXPECT_EQ(ask(known), "revoked") << "an end needs no row";
    EXPECT_FALSE(follower.hear());
    store.down = false;
    ASSERT_TRUE(follower.hear());
    EXPECT_EQ(ask(fresh), "u1");
    EXPECT_EQ(ask(other), "u1");
}

} // namespace
} // namespace gatehouse::auth
