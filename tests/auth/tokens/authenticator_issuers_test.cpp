#include "auth/apikeys/api_key_table.hpp"
#include "auth/jose/compact.hpp"
#include "auth/json/reader.hpp"
#include "auth/revocation/revocation_table.hpp"
#include "auth/tokens/authenticator.hpp"
#include "auth/tokens/key_wishes.hpp"
#include "auth/tokens/token_issuer.hpp"
#include "tests/auth/tokens/foreign_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr config::IssuerSet own = config::own_issuer;
constexpr config::IssuerSet idp = 2;     // the first of the two below
constexpr config::IssuerSet partner = 4; // the second

/// This gateway, and two others whose tokens somebody may believe.
class ForeignAuthenticatorTest : public ::testing::Test {
protected:
    ForeignAuthenticatorTest()
    {
        second.settings.issuer = "https://partner.example.com";
        second.payload["iss"] = R"("https://partner.example.com")";
        settings.issuers = {
            {"idp",     first.settings },
            {"partner", second.settings}
        };
        anna = first.token();
        partners_anna = second.token();
        alice = own_token();
        build();
    }

    /// A worker of its own, as after a reload.
    void build()
    {
        authenticator = std::make_unique<Authenticator>(
            tokens, revocations, ring, TokenCache::default_entries, ClaimQuestions(settings), 60s);
        authenticator->take_api_keys(api_keys);
        issuers = std::make_shared<const Issuers>(settings);
        fetched.clear();
        fetched[key_source_of(first.settings)] = first.keys();
        fetched[key_source_of(second.settings)] = second.keys();
        authenticator->take_issuers(issuers, fetched, &wishes);
    }

    [[nodiscard]] std::string own_token(std::string user = "alice") const
    {
        return TokenIssuer(tokens).access(*ring, access_claims(std::move(user)));
    }

    [[nodiscard]] std::string identify(std::string_view token, config::IssuerSet believed,
                                       Seconds now = noon)
    {
        const auto principal =
            authenticator->identify(token, now, Authenticator::Presenter::client, believed);
        return principal ? (*principal)->user_id : std::string(to_string(principal.error()));
    }

    config::TokenSettings tokens;
    config::Settings settings;
    RevocationTable revocations;
    ApiKeyTable api_keys;
    std::shared_ptr<const KeyRing> ring = make_ring(jose::Algorithm::es256);
    OtherIssuer first;
    OtherIssuer second{jose::Algorithm::eddsa};
    // Signed once: ES256 makes another signature each time.
    std::string anna;
    std::string partners_anna;
    std::string alice;
    std::shared_ptr<const Issuers> issuers;
    FetchedKeys fetched;
    KeyWishes wishes;
    std::unique_ptr<Authenticator> authenticator;
};

TEST_F(ForeignAuthenticatorTest, BelievesWhomTheRouteBelievesAndNobodyElse)
{
    for (const char* round : {"new", "remembered"}) {
        SCOPED_TRACE(round);
        EXPECT_EQ(identify(anna, own | idp), "idp:anna");
        EXPECT_EQ(identify(anna, idp), "idp:anna");
        EXPECT_EQ(identify(partners_anna, idp | partner), "partner:anna");
        EXPECT_EQ(identify(alice, own | idp), "alice");
        // What was just verified for one route opens no other one.
        EXPECT_EQ(identify(anna, partner), "wrong_issuer");
        EXPECT_NE(identify(anna, own), "idp:anna");
        EXPECT_NE(identify(anna, own | partner), "idp:anna");
        EXPECT_EQ(identify(alice, idp), "wrong_issuer");
    }
    EXPECT_EQ(authenticator->verifications(), 3U) << "each was remembered, and still asked about";
    EXPECT_EQ(authenticator->identify(anna, noon).error(), TokenError::wrong_issuer)
        << "calls of the auth API name nobody";
}

TEST_F(ForeignAuthenticatorTest, AsksNobodyButTheIssuerThatTheTokenNames)
{
    // Signed by one of them as if by the other, and as if by us.
    auto payload = second.payload;
    payload["iss"] = first.payload["iss"];
    EXPECT_EQ(identify(second.token(second.header, payload), own | idp | partner), "unknown_key");
    EXPECT_EQ(authenticator->judge(), "idp");
    payload["iss"] = R"("gatehouse")";
    EXPECT_EQ(identify(second.token(second.header, payload), own | idp | partner), "wrong_type");
    EXPECT_EQ(authenticator->judge(), "");
    EXPECT_EQ(identify(alice, idp | partner), "wrong_issuer");
}

TEST_F(ForeignAuthenticatorTest, LetsNobodyBeCalledAsAnotherIs)
{
    EXPECT_EQ(identify(own_token("idp:anna"), own), "wrong_issuer") << "an imported account";
    EXPECT_EQ(identify(own_token("idp:anna"), own | idp), "wrong_issuer");
    EXPECT_EQ(identify(own_token("other:anna"), own), "other:anna");
    EXPECT_EQ(identify(own_token("idp"), own), "idp");
    const auto made = make_api_key();
    ApiKey key;
    key.id = made.id;
    key.user_id = "partner:anna";
    key.digest = made.digest;
    api_keys.put(key);
    EXPECT_EQ(identify(made.text.reveal(), own), "wrong_issuer");
}

TEST_F(ForeignAuthenticatorTest, TakesApiKeysForOurs)
{
    const auto made = make_api_key();
    ApiKey key;
    key.id = made.id;
    key.user_id = "alice";
    key.digest = made.digest;
    api_keys.put(key);
    EXPECT_EQ(identify(made.text.reveal(), own | idp), "alice");
    EXPECT_EQ(identify(made.text.reveal(), idp), "wrong_issuer");
}

TEST_F(ForeignAuthenticatorTest, AsksNothingOfOurAccountsForTheirs)
{
    revocations.block("idp:anna");
    revocations.set_roles("idp:anna", {"admin"}, noon + 1h);
    revocations.end_session(Id128(), noon + 1h);
    const auto principal =
        *authenticator->identify(anna, noon, Authenticator::Presenter::client, idp);
    EXPECT_THAT(principal->roles, IsEmpty());
    EXPECT_EQ(principal->session_id, "");
    EXPECT_EQ(principal->issuer, 1);
    EXPECT_EQ(authenticator->issuer_of(*principal), "idp");
    EXPECT_EQ(authenticator->ended_meanwhile(*principal, noon), std::nullopt);
    EXPECT_EQ(authenticator->ended_meanwhile(*principal, noon + 1h + 29s), std::nullopt);
    EXPECT_EQ(authenticator->ended_meanwhile(*principal, noon + 1h + 30s), TokenError::expired);
}

TEST_F(ForeignAuthenticatorTest, KnowsTheLeewayOfEachIssuerForWhatItRemembers)
{
    EXPECT_EQ(identify(anna, idp), "idp:anna");
    EXPECT_EQ(identify(alice, own), "alice");
    EXPECT_EQ(identify(anna, idp, noon + 1h + 29s), "idp:anna");
    EXPECT_EQ(identify(anna, idp, noon + 1h + 30s), "expired");
    EXPECT_EQ(identify(alice, own, noon + 1h), "expired");
}

TEST_F(ForeignAuthenticatorTest, ForgetsWhatWasVerifiedUnderKeysThatAreGone)
{
    EXPECT_EQ(identify(anna, idp), "idp:anna");
    EXPECT_EQ(identify(partners_anna, partner), "partner:anna");
    EXPECT_EQ(identify(alice, own), "alice");
    const auto before = authenticator->cached();
    const auto other_key = jose::Key::generate(jose::Algorithm::es256);
    fetched[key_source_of(first.settings)] =
        *keys_in_jwks(OtherIssuer::jwks({other_key}), first.settings);
    authenticator->use(fetched);
    EXPECT_EQ(authenticator->cached(), before - 1) << "theirs and nobody else's";
    EXPECT_EQ(identify(anna, idp), "unknown_key");
    fetched.erase(key_source_of(first.settings));
    authenticator->use(fetched);
    EXPECT_EQ(identify(anna, idp), "no_keys") << "nobody can say whether it is good";
}

TEST_F(ForeignAuthenticatorTest, WishesForKeysThatItDoesNotHave)
{
    EXPECT_EQ(identify(anna, idp), "idp:anna");
    auto header = first.header;
    header["alg"] = R"("none")";
    EXPECT_EQ(identify(first.token(header, first.payload), idp), "unsupported");
    EXPECT_THAT(wishes.take(), IsEmpty());
    header = first.header;
    for (const char* kid : {R"("a")", R"("b")", R"("a")"}) {
        header["kid"] = kid;
        EXPECT_EQ(identify(first.token(header, first.payload), idp), "unknown_key");
    }
    const auto wished = wishes.take();
    ASSERT_EQ(wished.size(), 2U);
    EXPECT_EQ(wished[0].source, key_source_of(first.settings));
    EXPECT_THAT(wishes.take(), IsEmpty());
    for (int i = 0; i < 1000; ++i) wishes.note("s", std::to_string(i));
    EXPECT_EQ(wishes.take().size(), 64U) << "there is a bound";
}

TEST_F(ForeignAuthenticatorTest, TellsOnlyTheirClaimsThatCount)
{
    auto& route = settings.routes.emplace_back();
    route.claims = {
        {"sub",   {"x"}},
        {"email", {"x"}},
        {"plan",  {"x"}},
        {"roles", {"x"}}
    };
    settings.issuers.at("idp").told_claims = {"plan", "sub"};
    build();
    auto payload = first.payload;
    payload["email"] = R"("root@example.com")";
    payload["plan"] = R"("pro")";
    payload["roles"] = R"(["admin"])";
    const auto principal = *authenticator->identify(first.token(first.header, payload), noon,
                                                    Authenticator::Presenter::client, idp);
    ASSERT_TRUE(principal->told);
    EXPECT_THAT(principal->told->find("plan")->values, ElementsAre("pro"));
    EXPECT_THAT(principal->told->find("email")->values, IsEmpty());
    EXPECT_THAT(principal->told->find("roles")->values, IsEmpty());
    EXPECT_THAT(principal->told->find("sub")->values, ElementsAre("idp:anna"))
        << "never what could be an account of ours";
}

TEST_F(ForeignAuthenticatorTest, SignsTheirIdentityAsWhatItIs)
{
    const auto principal =
        *authenticator->identify(anna, noon, Authenticator::Presenter::client, idp);
    authenticator->prove_to("orders", noon);
    ASSERT_TRUE(principal->proof);
    const auto text = *jose::split_compact(*principal->proof);
    const auto claims = *json::read(*jose::decode_base64url(text.payload));
    EXPECT_EQ(*claims.find_string("sub"), "idp:anna");
    EXPECT_EQ(claims.find("sid"), nullptr);
    EXPECT_EQ(*claims.find_string("iss"), tokens.issuer);
}

TEST(KeySource, IsAnotherWhereOtherKeysMayCome)
{
    config::IssuerSettings a;
    a.issuer = "https://a";
    auto b = a;
    EXPECT_EQ(key_source_of(a), key_source_of(b));
    b.jwks.url = "https://a/keys";
    EXPECT_NE(key_source_of(a), key_source_of(b));
    b = a;
    b.algorithms = {"RS256"};
    EXPECT_NE(key_source_of(a), key_source_of(b));
    b = a;
    b.secret_file = "s";
    EXPECT_EQ(key_source_of(b), "");
}

} // namespace
} // namespace gatehouse::auth
