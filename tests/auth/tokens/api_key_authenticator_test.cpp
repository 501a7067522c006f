#include "auth/apikeys/api_key_table.hpp"
#include "auth/jose/compact.hpp"
#include "auth/revocation/revocation_table.hpp"
#include "auth/tokens/authenticator.hpp"
#include "auth/tokens/token_reader.hpp"
#include "tests/auth/tokens/forge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

using namespace testing;
using ::testing::ElementsAre;

class ApiKeyAuthenticator : public ::testing::Test {
protected:
    ApiKeyAuthenticator() { authenticator.take_api_keys(table); }

    /// A live key of alice; returns its text.
    std::string add(std::optional<Seconds> expires = {})
    {
        const auto made = make_api_key();
        ApiKey key;
        key.id = id = made.id;
        key.user_id = "alice";
        key.digest = made.digest;
        key.roles = {"editor"};
        key.scopes = {"orders.read"};
        key.expires_at = expires;
        table.put(key);
        return std::string(made.text.reveal());
    }

    [[nodiscard]] std::string identify(std::string_view token, Seconds now = noon)
    {
        const auto principal = authenticator.identify(token, now);
        return principal ? (*principal)->user_id : std::string(to_string(principal.error()));
    }

    config::TokenSettings settings;
    RevocationTable revocations;
    ApiKeyTable table;
    Authenticator authenticator{settings, revocations, make_ring(jose::Algorithm::es256)};
    std::string id; // of the key added last
};

TEST_F(ApiKeyAuthenticator, AKeySpeaksForItsUserAgainAndAgain)
{
    const auto key = add();
    for (int i = 0; i < 3; ++i) {
        const auto principal = authenticator.identify(key, noon);
        ASSERT_TRUE(principal);
        EXPECT_EQ((*principal)->user_id, "alice");
        EXPECT_EQ((*principal)->api_key, id);
        EXPECT_THAT((*principal)->roles, ElementsAre("editor"));
        EXPECT_THAT((*principal)->scopes, ElementsAre("orders.read"));
    }
    EXPECT_EQ(authenticator.verifications(), 1U);
    EXPECT_EQ(authenticator.cache_hits(), 2U);
}

TEST_F(ApiKeyAuthenticator, WhatIsNoKeyOfOursIsRefused)
{
    const auto key = add();
    auto typo = key;
    typo[40] = typo[40] == 'A' ? 'B' : 'A';
    EXPECT_EQ(identify(typo), "malformed");
    EXPECT_EQ(identify("gh_"), "malformed");
    EXPECT_EQ(identify(make_api_key().text.reveal()), "unknown_key");
    Authenticator without(settings, revocations, make_ring(jose::Algorithm::es256));
    EXPECT_EQ(without.identify(key, noon).error(), TokenError::unknown_key);
}

TEST_F(ApiKeyAuthenticator, ARevokedKeyIsRefusedAlsoWhereItWasSeenBefore)
{
    const auto key = add();
    EXPECT_EQ(identify(key), "alice");
    table.revoke(id, noon + 1h);
    EXPECT_EQ(identify(key), "revoked");
    table.forget(noon + 1h);
    EXPECT_EQ(identify(key), "unknown_key");
}

TEST_F(ApiKeyAuthenticator, AKeyExpiresAlsoWhereItWasSeenBefore)
{
    const auto key = add(noon + 10s);
    EXPECT_EQ(identify(key, noon + 9s), "alice");
    EXPECT_EQ(identify(key, noon + 10s), "expired");
    EXPECT_EQ(identify(key, noon + 10s), "expired");
}

TEST_F(ApiKeyAuthenticator, ABlockedUsersKeyIsRefusedAsSoonAsTheBlockIsKnown)
{
    const auto key = add();
    for (const bool seen : {false, true}) {
        SCOPED_TRACE(seen);
        revocations.block("alice");
        EXPECT_EQ(identify(key), "revoked");
        revocations.unblock("alice");
        EXPECT_EQ(identify(key), "alice");
    }
}

TEST_F(ApiKeyAuthenticator, NewRolesCountAtOnceAndForGood)
{
    const auto key = add();
    EXPECT_EQ(identify(key), "alice");
    table.apply({1, ChangeKind::roles_changed, "alice", {"admin"}, noon}, noon + 1h);
    EXPECT_THAT((*authenticator.identify(key, noon))->roles, ElementsAre("admin"));
    table.forget(noon + 48h);
    EXPECT_THAT((*authenticator.identify(key, noon + 48h))->roles, ElementsAre("admin"));
}

TEST_F(ApiKeyAuthenticator, WhatLastsEndsWithTheKey)
{
    const auto key = add(noon + 1h);
    const Principal principal = **authenticator.identify(key, noon);
    EXPECT_FALSE(authenticator.ended_meanwhile(principal, noon));
    EXPECT_EQ(authenticator.ended_meanwhile(principal, noon + 1h), TokenError::expired);
    table.revoke(id, noon + 2h);
    EXPECT_EQ(authenticator.ended_meanwhile(principal, noon), TokenError::revoked);
    EXPECT_EQ(identify(key), "revoked");
}

TEST_F(ApiKeyAuthenticator, AKeyIsToldAndProvedAsATokenIs)
{
    config::Settings all;
    all.routes.emplace_back().claims = {
        {"sub",   {"alice"}},
        {"roles", {"x"}    },
        {"scope", {"x"}    },
        {"sid",   {"x"}    }
    };
    Authenticator telling{settings, revocations,         make_ring(jose::Algorithm::es256),
                          64,       ClaimQuestions(all), 60s};
    telling.take_api_keys(table);
    const auto key = add();
    const auto principal = telling.identify(key, noon);
    ASSERT_TRUE(principal);
    const auto& told = *(*principal)->told;
    EXPECT_THAT(told.find("sub")->values, ElementsAre("alice"));
    EXPECT_THAT(told.find("roles")->values, ElementsAre("editor"));
    EXPECT_THAT(told.find("scope")->values, ElementsAre("orders.read"));
    EXPECT_THAT(told.find("sid")->values, ElementsAre());
    telling.prove_to("orders", noon);
    const auto payload = read_payload(jose::split_compact(*(*principal)->proof)->payload);
    EXPECT_EQ(*payload->find_string("sub"), "alice");
    EXPECT_EQ(payload->find("sid"), nullptr);
}

TEST_F(ApiKeyAuthenticator, MoreKeysThanAreRememberedAreAllGood)
{
    std::vector<std::string> keys;
    for (int i = 0; i < 3'000; ++i) keys.push_back(add());
    for (int round = 0; round < 2; ++round) {
        for (const auto& key : keys) ASSERT_EQ(identify(key), "alice");
    }
}

} // namespace
} // namespace gatehouse::auth
