#include "auth/jose/base64url.hpp"
#include "auth/jose/compact.hpp"
#include "auth/revocation/revocation_table.hpp"
#include "auth/tokens/authenticator.hpp"
#include "auth/tokens/token_issuer.hpp"
#include "auth/tokens/token_reader.hpp"
#include "tests/auth/tokens/forge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

using namespace testing;

class IdentityProofTest : public ::testing::Test {
protected:
    /// The signed identity that a request for `audience` carries.
    [[nodiscard]] std::string proof(std::string_view audience = "orders", Seconds now = noon)
    {
        const auto principal = authenticator.identify(token, now);
        if (!principal) return std::string(to_string(principal.error()));
        EXPECT_EQ((*principal)->proof, nullptr) << "left over from another request";
        authenticator.prove_to(audience, now);
        return *(*principal)->proof;
    }

    [[nodiscard]] static json::Value payload_of(std::string_view text)
    {
        return *read_payload(jose::split_compact(text)->payload);
    }

    /// Signed by the ring's active key, as a backend would find out.
    [[nodiscard]] bool is_signed(std::string_view text) const
    {
        const auto parts = jose::split_compact(text);
        return ring->access_signer().verify(parts->signing_input,
                                            *jose::decode_base64url(parts->signature));
    }

    config::TokenSettings settings;
    RevocationTable revocations;
    std::shared_ptr<const KeyRing> ring = make_ring(jose::Algorithm::es256);
    Authenticator authenticator{settings, revocations, ring, 64, {}, 60s};
    std::string token = [this] {
        auto claims = access_claims();
        claims.roles = {"admin"};
        claims.scopes = {"read", "write"};
        return TokenIssuer(settings).access(*ring, claims);
    }();
};

TEST_F(IdentityProofTest, SaysWhoAsksWhomForHowLong)
{
    const auto text = proof();
    EXPECT_TRUE(is_signed(text));
    EXPECT_TRUE(read_header(jose::split_compact(text)->header, "identity+jwt"));
    const auto said = payload_of(text);
    EXPECT_EQ(*said.find_string("iss"), "gatehouse");
    EXPECT_EQ(*said.find_string("sub"), "alice");
    EXPECT_EQ(*said.find_string("sid"), (Id128{1, 2}.to_string()));
    EXPECT_EQ(*said.find_string("aud"), "orders");
    EXPECT_EQ(*said.find_string("scope"), "read write");
    EXPECT_EQ(*said.find("roles")->array()->front().string(), "admin");
    EXPECT_EQ(said.find_integer("exp").value() - said.find_integer("iat").value(), 60);
}

TEST_F(IdentityProofTest, OpensNoDoorOfOurs) // RFC 8725, 3.11
{
    const auto text = proof("alice"); // even with the audience of an access token
    const TokenVerifier verifier(settings);
    EXPECT_EQ(verifier.access(*ring, text, noon).error(), TokenError::wrong_type);
    EXPECT_FALSE(verifier.refresh(*ring, text, noon));
    EXPECT_FALSE(authenticator.identify(text, noon));
}

TEST_F(IdentityProofTest, IsMadeOncePerServiceForHalfOfItsLife)
{
    const auto first = proof();
    EXPECT_EQ(proof(), first);
    EXPECT_EQ(proof("orders", noon + 29s), first);
    const auto other = proof("billing");
    EXPECT_EQ(*payload_of(other).find_string("aud"), "billing");
    EXPECT_EQ(proof(), first);
    const auto later = proof("orders", noon + 30s);
    EXPECT_NE(later, first);
    EXPECT_EQ(proof("orders", noon + 59s), later);
}

TEST_F(IdentityProofTest, OutlivesNoToken)
{
    const auto said = payload_of(proof("orders", noon + 1h - 10s));
    EXPECT_EQ(said.find_integer("exp"), (noon + 1h).time_since_epoch().count());
    EXPECT_EQ(proof("orders", noon + 1h), "expired");
}

TEST_F(IdentityProofTest, FollowsTheRolesOfNow)
{
    const auto before = proof();
    revocations.set_roles("alice", {"reader"}, noon + 1h);
    const auto after = payload_of(proof());
    EXPECT_EQ(*after.find("roles")->array()->front().string(), "reader");
    EXPECT_EQ(after.find("scope"), nullptr);
    EXPECT_NE(proof(), before);
}

TEST_F(IdentityProofTest, IsSignedWithTheKeyOfNow)
{
    const auto before = proof();
    // The old key verifies still, the new one signs.
    std::vector<RingKey> access(ring->access_keys().begin(), ring->access_keys().end());
    access.front().state = KeyState::retired;
    access.push_back({jose::Key::generate(jose::Algorithm::es256), KeyState::active, noon, {}});
    std::vector<RingKey> refresh(ring->refresh_keys().begin(), ring->refresh_keys().end());
    ring = std::make_shared<const KeyRing>(access, refresh, ring->generation() + 1);
    authenticator.use(ring);
    const auto after = proof();
    EXPECT_NE(after, before);
    EXPECT_TRUE(is_signed(after));
}

TEST_F(IdentityProofTest, IsNotMadeWhereNobodyWantsIt)
{
    Authenticator plain{settings, revocations, ring};
    const auto principal = plain.identify(token, noon);
    ASSERT_TRUE(principal);
    plain.prove_to("orders", noon);
    EXPECT_EQ((*principal)->proof, nullptr);
}

/// What decides over a stream that has lasted for a while.
TEST_F(IdentityProofTest, WhatLastsEndsWithTokenSessionAndUser)
{
    const Principal principal = **authenticator.identify(token, noon);
    const auto ended = [&](Seconds now = noon) {
        const auto why = authenticator.ended_meanwhile(principal, now);
        return why ? std::string(to_string(*why)) : "goes on";
    };
    EXPECT_EQ(ended(), "goes on");
    EXPECT_EQ(ended(noon + 1h - 1s), "goes on");
    EXPECT_EQ(ended(noon + 1h), "expired");
    revocations.block("alice");
    EXPECT_EQ(ended(), "revoked");
    revocations.unblock("alice");
    EXPECT_EQ(ended(), "goes on");
    revocations.end_session(Id128{1, 2}, noon + 1h);
    EXPECT_EQ(ended(), "revoked");
    EXPECT_EQ(ended(noon + 1h), "revoked") << "the session's end comes before the token's";
}

} // namespace
} // namespace gatehouse::auth
