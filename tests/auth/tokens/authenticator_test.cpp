#include "auth/revocation/revocation_table.hpp"
#include "auth/sessions/seen_pairs.hpp"
#include "auth/tokens/authenticator.hpp"
#include "auth/tokens/token_issuer.hpp"
#include "tests/auth/tokens/forge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

using namespace testing;
using ::testing::ElementsAre;

const Id128 session{1, 2}; // of access_claims()

class AuthenticatorTest : public ::testing::Test {
protected:
    config::TokenSettings settings;
    RevocationTable revocations;
    std::shared_ptr<const KeyRing> ring = make_ring(jose::Algorithm::es256);
    Authenticator authenticator{settings, revocations, ring};

    [[nodiscard]] std::string token_for(std::string user = "alice",
                                        std::vector<std::string> roles = {}) const
    {
        auto claims = access_claims(std::move(user));
        claims.roles = std::move(roles);
        return TokenIssuer(settings).access(*ring, claims);
    }

    /// The user's id, or the word of the refusal.
    [[nodiscard]] std::string identify(std::string_view token, Seconds now = noon)
    {
        const auto principal = authenticator.identify(token, now);
        return principal ? (*principal)->user_id : std::string(to_string(principal.error()));
    }
};

TEST_F(AuthenticatorTest, ChecksASignatureOnceAndRemembersIt)
{
    const auto token = token_for("alice", {"admin"});
    for (int i = 0; i < 3; ++i) {
        const auto principal = authenticator.identify(token, noon);
        ASSERT_TRUE(principal);
        EXPECT_EQ((*principal)->user_id, "alice");
        EXPECT_EQ((*principal)->session_id, session.to_string());
        EXPECT_EQ((*principal)->expires_at, noon + 1h);
        EXPECT_THAT((*principal)->roles, ElementsAre("admin"));
    }
    EXPECT_EQ(authenticator.verifications(), 1U);
    EXPECT_EQ(authenticator.cache_hits(), 2U);
}

// A token of the version before says nothing of its login, and stays valid.
TEST_F(AuthenticatorTest, SaysWhenTheUserSignedInWhereTheTokenDoes)
{
    auto claims = access_claims();
    EXPECT_EQ((*authenticator.identify(token_for(), noon))->auth_time, std::nullopt);
    claims.auth_time = noon - 5min;
    const auto token = TokenIssuer(settings).access(*ring, claims);
    for (const char* round : {"new", "remembered"}) {
        SCOPED_TRACE(round);
        EXPECT_EQ((*authenticator.identify(token, noon))->auth_time, noon - 5min);
    }
    EXPECT_EQ(authenticator.cache_hits(), 1U);
}

// What is used is noticed once, and only where it is good.
TEST_F(AuthenticatorTest, TellsWhichPairIsInUse)
{
    SeenPairs seen;
    Authenticator watching{settings, revocations, ring};
    watching.tell_of_pairs(&seen);
    auto claims = access_claims();
    const auto silent = TokenIssuer(settings).access(*ring, claims);
    claims.generation = 7;
    const auto token = TokenIssuer(settings).access(*ring, claims);
    claims.roles = {std::string(64, 'a')};
    while (TokenCache::keeps(TokenIssuer(settings).access(*ring, claims))) {
        claims.roles.push_back(claims.roles.front());
    }
    const auto too_long_to_keep = TokenIssuer(settings).access(*ring, claims);

    EXPECT_TRUE(watching.identify(silent, noon));
    EXPECT_FALSE(watching.identify(token + "x", noon));
    EXPECT_FALSE(watching.identify(token, noon + 1h)) << "expired";
    EXPECT_EQ(seen.newest_of(session), 0U);
    revocations.end_session(session, noon + 1h);
    EXPECT_FALSE(watching.identify(token, noon)) << "and remembered, though it is refused";
    EXPECT_EQ(seen.newest_of(session), 0U);

    RevocationTable nothing_ended;
    Authenticator other{settings, nothing_ended, ring};
    other.tell_of_pairs(&seen);
    EXPECT_TRUE(other.identify(too_long_to_keep, noon));
    EXPECT_EQ(seen.newest_of(session), 7U);
    seen.written(seen.waiting(9));
    EXPECT_TRUE(other.identify(token, noon));
    EXPECT_TRUE(other.identify(token, noon));
    EXPECT_EQ(seen.newest_of(session), 0U) << "it was told before";
}

// A pair that was made on the way of a request may still be lost on its way back.
TEST_F(AuthenticatorTest, WhatTheGatewayMadeItselfIsUsedWhenItsClientComes)
{
    SeenPairs seen;
    Authenticator watching{settings, revocations, ring};
    watching.tell_of_pairs(&seen);
    auto claims = access_claims();
    claims.generation = 7;
    const auto token = TokenIssuer(settings).access(*ring, claims);
    for (int i = 0; i < 2; ++i) {
        EXPECT_TRUE(watching.identify(token, noon, Authenticator::Presenter::gateway));
        EXPECT_EQ(seen.newest_of(session), 0U);
    }
    EXPECT_TRUE(watching.identify(token, noon));
    EXPECT_EQ(seen.newest_of(session), 7U);
    EXPECT_TRUE(authenticator.identify(token, noon, Authenticator::Presenter::gateway));
    EXPECT_TRUE(authenticator.identify(token, noon));
    EXPECT_EQ(authenticator.cache_hits(), 1U) << "remembered where nobody watches";
}

TEST_F(AuthenticatorTest, NoTokenIsMissingAndNotMalformed)
{
    EXPECT_EQ(identify(""), "missing");
    EXPECT_EQ(identify("x"), "malformed");
}

// R34: a remembered token expires as any other
TEST_F(AuthenticatorTest, RefusesARememberedTokenOnItsExpiry)
{
    const auto token = token_for();
    EXPECT_EQ(identify(token), "alice");
    EXPECT_EQ(identify(token, noon + 1h - 1s), "alice");
    EXPECT_EQ(identify(token, noon + 1h), "expired");
    EXPECT_EQ(identify(token, noon + 1h), "expired") << "and again, from the verifier";
}

// R46: also on a hit
TEST_F(AuthenticatorTest, RefusesEndedSessionsAndBlockedUsers)
{
    const auto token = token_for();
    for (const bool warm : {false, true}) {
        SCOPED_TRACE(warm ? "remembered" : "new");
        if (warm) EXPECT_EQ(identify(token), "alice");
        revocations.block("alice");
        EXPECT_EQ(identify(token), "revoked");
        revocations.unblock("alice");
        EXPECT_EQ(identify(token), "alice");
    }
    revocations.remove_user("alice", noon + 1h);
    EXPECT_EQ(identify(token), "revoked");
    EXPECT_EQ(identify(token_for("bob")), "bob");
    revocations.end_session(session, noon + 1h);
    EXPECT_EQ(identify(token_for("bob")), "revoked");
}

TEST_F(AuthenticatorTest, RefusesAnEndedSessionThatWasNeverSeenBefore)
{
    revocations.end_session(session, noon + 1h);
    EXPECT_EQ(identify(token_for()), "revoked");
}

// DESIGN 6: new roles stand in for the token's, also on a hit
TEST_F(AuthenticatorTest, NewRolesCountAtOnce)
{
    const auto token = token_for("alice", {"admin"});
    EXPECT_EQ(identify(token), "alice");
    revocations.set_roles("alice", {"reader"}, noon + 1h);
    EXPECT_THAT((*authenticator.identify(token, noon))->roles, ElementsAre("reader"));
    revocations.set_roles("alice", {}, noon + 1h);
    EXPECT_THAT((*authenticator.identify(token, noon))->roles, ElementsAre());
}

TEST_F(AuthenticatorTest, ForgetsEverythingWhenTheKeysChange)
{
    const auto token = token_for();
    EXPECT_EQ(identify(token), "alice");
    authenticator.use(ring);
    EXPECT_EQ(identify(token), "alice");
    EXPECT_EQ(authenticator.verifications(), 1U) << "the same ring: nothing to forget";
    authenticator.use(make_ring(jose::Algorithm::es256, ring->generation() + 1));
    EXPECT_EQ(identify(token), "unknown_key");
}

TEST_F(AuthenticatorTest, NeverRemembersARefusal)
{
    const auto token = token_for();
    auto forged = token;
    forged[forged.rfind('.') + 1] = forged[forged.rfind('.') + 1] == 'A' ? 'B' : 'A';
    EXPECT_EQ(identify(forged), "bad_signature");
    EXPECT_EQ(identify(token), "alice");
    EXPECT_EQ(identify(forged), "bad_signature");
}

TEST_F(AuthenticatorTest, VerifiesATokenThatIsTooLongToKeepEachTime)
{
    const auto token = token_for("alice", std::vector<std::string>(30, std::string(60, 'r')));
    ASSERT_GT(token.size(), TokenCache::longest_kept_bytes);
    EXPECT_EQ(identify(token), "alice");
    EXPECT_EQ(identify(token), "alice");
    EXPECT_EQ(authenticator.verifications(), 2U);
    revocations.block("alice");
    EXPECT_EQ(identify(token), "revoked");
}

TEST(TokenCache, FindsTheSameBytesOnly)
{
    TokenCache cache(4); // one set: every token meets every other
    VerifiedToken alice;
    alice.principal.user_id = "alice";
    alice.principal.expires_at = noon;
    cache.keep("token of alice", alice);
    ASSERT_NE(cache.find("token of alice"), nullptr);
    EXPECT_EQ(cache.find("token of alice")->principal.user_id, "alice");
    // Tags of the hash have 8 bits: among so many others some share it.
    for (int i = 0; i < 10'000; ++i) {
        ASSERT_EQ(cache.find("token of mallory " + std::to_string(i)), nullptr);
    }
}

TEST(TokenCache, StaysWithinItsBoundAndDropsWhatExpiresFirst)
{
    TokenCache cache(4);
    for (int i = 0; i < 100; ++i) {
        VerifiedToken verified;
        // The first one lives longest.
        verified.principal.expires_at = noon + std::chrono::seconds(i == 0 ? 1000 : i);
        cache.keep("token " + std::to_string(i), verified);
    }
    EXPECT_EQ(cache.size(), 4U);
    EXPECT_NE(cache.find("token 0"), nullptr);
    EXPECT_NE(cache.find("token 99"), nullptr);
    cache.drop("token 99");
    EXPECT_EQ(cache.find("token 99"), nullptr);
    EXPECT_EQ(cache.size(), 3U);
    cache.clear();
    EXPECT_EQ(cache.size(), 0U);
    EXPECT_EQ(cache.find("token 0"), nullptr);
}

TEST(TokenError, HasAWordForEach)
{
    EXPECT_EQ(to_string(TokenError::expired), "expired");
    EXPECT_EQ(to_string(TokenError::ambiguous), "ambiguous");
    EXPECT_EQ(::testing::PrintToString(TokenError::wrong_type), "wrong_type");
}

} // namespace
} // namespace gatehouse::auth
