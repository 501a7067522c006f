#include "auth/apikeys/api_key_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Seconds noon{std::chrono::seconds{1'800'000'000}};

/// A key with its proof, as its holder and the store have it.
struct Held {
    ApiKeyProof proof;
    ApiKey key;
};

Held key_of(const std::string& user)
{
    const auto made = make_api_key();
    Held held{*read_api_key(made.text.reveal()), {}};
    held.key.id = made.id;
    held.key.user_id = user;
    held.key.digest = made.digest;
    held.key.scopes = {"orders.read"};
    held.key.roles = {"editor"};
    held.key.created = noon;
    return held;
}

Change change(ChangeKind kind, std::string subject, std::vector<std::string> roles = {})
{
    return {1, kind, std::move(subject), std::move(roles), noon};
}

class ApiKeyTableTest : public testing::Test {
protected:
    /// The user's id, or the word of the refusal.
    [[nodiscard]] std::string ask(const Held& held, Seconds now = noon) const
    {
        const auto found = table.find(held.proof, now);
        return found ? found->principal.user_id : std::string(to_string(found.error()));
    }

    ApiKeyTable table;
};

TEST_F(ApiKeyTableTest, SaysWhomAKeySpeaksForAndWhatFor)
{
    const auto held = key_of("u1");
    EXPECT_EQ(ask(held), "unknown_key");
    table.put(held.key);
    const auto found = table.find(held.proof, noon);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->principal.user_id, "u1");
    EXPECT_EQ(found->principal.session_id, "");
    EXPECT_EQ(found->principal.api_key, held.key.id);
    EXPECT_THAT(found->principal.roles, ElementsAre("editor"));
    EXPECT_THAT(found->principal.scopes, ElementsAre("orders.read"));
    EXPECT_EQ(found->principal.expires_at, no_api_key_expiry);
}

TEST_F(ApiKeyTableTest, TheIdAloneOpensNothing)
{
    const auto held = key_of("u1");
    table.put(held.key);
    for (const std::size_t at : {std::size_t{0}, std::size_t{31}}) {
        auto guess = held;
        guess.proof.digest[at] ^= 1;
        EXPECT_EQ(ask(guess), "bad_signature");
    }
    auto short_one = held;
    short_one.proof.digest.clear();
    EXPECT_EQ(ask(short_one), "bad_signature");
}

TEST_F(ApiKeyTableTest, ExpiresOnTheInstant)
{
    auto held = key_of("u1");
    held.key.expires_at = noon + 10s;
    table.put(held.key);
    EXPECT_EQ(ask(held, noon + 9s), "u1");
    EXPECT_EQ(ask(held, noon + 10s), "expired");
}

TEST_F(ApiKeyTableTest, ARevokedKeyStaysRevokedWhateverIsReadLater)
{
    const auto held = key_of("u1");
    table.put(held.key);
    table.revoke(held.key.id, noon + 1h);
    EXPECT_EQ(ask(held), "revoked");
    table.put(held.key); // a row that was read before it was revoked
    EXPECT_EQ(ask(held), "revoked");
    auto late = key_of("u1");
    late.key.revoked_at = noon;
    table.put(late.key);
    EXPECT_EQ(ask(late), "revoked");
}

TEST_F(ApiKeyTableTest, HearsWhatOthersDid)
{
    const auto mine = key_of("u1");
    const auto second = key_of("u1");
    const auto theirs = key_of("u2");
    for (const auto* held : {&mine, &second, &theirs}) table.put(held->key);
    table.apply(change(ChangeKind::api_key_revoked, second.key.id), noon + 1h);
    EXPECT_EQ(ask(second), "revoked");
    EXPECT_EQ(ask(mine), "u1");
    table.apply(change(ChangeKind::roles_changed, "u1", {"admin"}), noon + 1h);
    EXPECT_THAT(table.find(mine.proof, noon)->principal.roles, ElementsAre("admin"));
    EXPECT_THAT(table.find(theirs.proof, noon)->principal.roles, ElementsAre("editor"));
    table.apply(change(ChangeKind::user_blocked, "u1"), noon + 1h);
    EXPECT_EQ(ask(mine), "revoked");
    table.apply(change(ChangeKind::user_unblocked, "u1"), noon + 1h);
    EXPECT_EQ(ask(mine), "revoked") << "unblocking revives none";
    table.apply(change(ChangeKind::user_deleted, "u2"), noon + 1h);
    EXPECT_EQ(ask(theirs), "revoked");
    for (const auto kind : {ChangeKind::session_ended, ChangeKind::api_key_revoked,
                            ChangeKind::user_blocked, ChangeKind::roles_changed}) {
        table.apply(change(kind, "nobody knows"), noon + 1h);
    }
}

// A key that was made after its user was unblocked may be known before the block is heard.
TEST_F(ApiKeyTableTest, ABlockThatIsHeardLateCannotKillANewerKeyForGood)
{
    const auto held = key_of("u1");
    table.put(held.key);
    table.apply(change(ChangeKind::user_blocked, "u1"), noon + 1h);
    EXPECT_EQ(ask(held), "revoked");
    table.put(held.key); // its own change comes next, and its row is read again
    EXPECT_EQ(ask(held), "u1");
}

TEST_F(ApiKeyTableTest, WhatWasFoundHoldsUntilSomethingChanges)
{
    const auto held = key_of("u1");
    const auto other = key_of("u1");
    table.put(held.key);
    const auto seen = [&] { return table.find(held.proof, noon)->version; };
    auto version = seen();
    EXPECT_TRUE(table.is_still(held.proof.id, version));
    table.put(other.key);
    EXPECT_TRUE(table.is_still(held.proof.id, version)) << "another key is another's business";
    EXPECT_FALSE(table.is_still(other.proof.id, version));
    table.apply(change(ChangeKind::roles_changed, "u1", {"admin"}), noon + 1h);
    EXPECT_FALSE(table.is_still(held.proof.id, version));
    version = seen();
    table.revoke(held.key.id, noon + 1h);
    EXPECT_FALSE(table.is_still(held.proof.id, version));
    table.forget(noon + 2h);
    EXPECT_FALSE(table.is_still(held.proof.id, version));
    EXPECT_FALSE(table.is_still(held.proof.id, 0));
}

TEST_F(ApiKeyTableTest, LoadsWhatIsThereAndKnowsNoOthers)
{
    const auto stays = key_of("u1");
    const auto goes = key_of("u1");
    const auto comes = key_of("u2");
    table.load({stays.key, goes.key});
    table.load({stays.key, comes.key});
    EXPECT_EQ(ask(stays), "u1");
    EXPECT_EQ(ask(goes), "unknown_key");
    EXPECT_EQ(ask(comes), "u2");
    EXPECT_EQ(table.size(), 2U);
}

TEST_F(ApiKeyTableTest, ForgetsWhatIsOver)
{
    const auto lives = key_of("u1");
    const auto revoked = key_of("u1");
    auto expiring = key_of("u2");
    expiring.key.expires_at = noon + 1h;
    for (const auto& key : {lives.key, revoked.key, expiring.key}) table.put(key);
    table.revoke(revoked.key.id, noon + 1h);
    table.forget(noon + 1h - 1s);
    EXPECT_EQ(table.size(), 3U);
    table.forget(noon + 1h);
    EXPECT_EQ(ask(revoked), "unknown_key");
    EXPECT_EQ(ask(expiring, noon + 1h), "expired");
    table.forget(noon + 26h);
    EXPECT_EQ(ask(expiring, noon + 26h), "unknown_key");
    EXPECT_EQ(ask(lives, noon + 26h), "u1");
    EXPECT_EQ(table.size(), 1U);
    table.apply(change(ChangeKind::roles_changed, "u1", {"admin"}), noon + 1h);
    EXPECT_THAT(table.find(lives.proof, noon)->principal.roles, ElementsAre("admin"));
}

TEST_F(ApiKeyTableTest, TellsOnceWhichWereUsed)
{
    const auto used = key_of("u1");
    const auto idle = key_of("u1");
    const auto revoked = key_of("u1");
    for (const auto* held : {&used, &idle, &revoked}) table.put(held->key);
    table.revoke(revoked.key.id, noon + 1h);
    EXPECT_EQ(ask(revoked), "revoked");
    auto guess = idle;
    guess.proof.digest[0] ^= 1;
    EXPECT_EQ(ask(guess), "bad_signature");
    EXPECT_THAT(table.take_used(), IsEmpty());
    const auto version = table.find(used.proof, noon)->version;
    EXPECT_THAT(table.take_used(), ElementsAre(used.key.id));
    EXPECT_THAT(table.take_used(), IsEmpty());
    EXPECT_TRUE(table.is_still(used.proof.id, version));
    EXPECT_THAT(table.take_used(), ElementsAre(used.key.id));
}

TEST_F(ApiKeyTableTest, AHundredThousandKeysAreFoundAndForgotten)
{
    std::vector<ApiKey> all;
    std::vector<Held> some;
    for (int i = 0; i < 100'000; ++i) {
        auto held = key_of("u" + std::to_string(i % 5'000));
        held.key.expires_at = noon + 1h;
        all.push_back(held.key);
        if (i % 1'000 == 0) some.push_back(held);
    }
    table.load(all);
    EXPECT_EQ(table.size(), 100'000U);
    for (const auto& held : some) EXPECT_EQ(ask(held), held.key.user_id);
    table.forget(noon + 26h);
    EXPECT_EQ(table.size(), 0U);
}

} // namespace
} // namespace gatehouse::auth
