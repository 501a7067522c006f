#include "auth/tokens/foreign_user.hpp"
#include "auth/tokens/foreign_verifier.hpp"
#include "auth/tokens/token_issuer.hpp"
#include "auth/tokens/token_verifier.hpp"
#include "tests/auth/tokens/foreign_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

using namespace testing;
using jose::Algorithm;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ForeignVerifierTest : public ::testing::Test {
protected:
    [[nodiscard]] Result<Principal, TokenError> access(std::string_view token) const
    {
        return ForeignVerifier("idp", other.settings).access(*other.keys(), token, noon);
    }

    [[nodiscard]] std::string outcome(std::string_view token) const
    {
        const auto principal = access(token);
        return principal ? "accepted" : std::string(to_string(principal.error()));
    }

    OtherIssuer other;
};

TEST(ForeignVerifier, AcceptsWhatTheIssuerSignedWithAnyAlgorithm)
{
    for (const auto algorithm :
         {Algorithm::rs256, Algorithm::rs384, Algorithm::rs512, Algorithm::ps256, Algorithm::ps384,
          Algorithm::ps512, Algorithm::es256, Algorithm::es384, Algorithm::eddsa}) {
        SCOPED_TRACE(jose::to_string(algorithm));
        const OtherIssuer other(algorithm);
        const ForeignVerifier verifier("idp", other.settings);
        const auto principal = verifier.access(*other.keys(), other.token(), noon);
        ASSERT_TRUE(principal) << principal.error();
        EXPECT_EQ(principal->user_id, "idp:anna");
        EXPECT_EQ(principal->session_id, "");
        EXPECT_EQ(principal->expires_at, noon + 1h);
        EXPECT_THAT(principal->roles, IsEmpty());
        EXPECT_THAT(principal->scopes, IsEmpty());
        auto bent = other.token();
        bent[bent.size() / 2] ^= 1;
        EXPECT_FALSE(verifier.access(*other.keys(), bent, noon));
    }
}

// R30, R31, R35, R36
TEST_F(ForeignVerifierTest, RefusesHeadersThatSayMoreOrOther)
{
    const Change changes[] = {
        {"nothing changed",                      "x",    "1",                                   "accepted"   },
        {"alg none",                             "alg",  R"("none")",                           "unsupported"},
        {"alg in lower case",                    "alg",  R"("es256")",                          "unsupported"},
        {"the public key as HMAC secret",        "alg",  R"("HS256")",                          "unsupported"},
        {"another algorithm of the same family", "alg",  R"("ES384")",                          "unsupported"},
        {"one of another family",                "alg",  R"("RS256")",                          "unsupported"},
        {"alg is no string",                     "alg",  "256",                                 "unsupported"},
        {"no alg",                               "alg",  "",                                    "unsupported"},
        {"an access token of RFC 9068",          "typ",  R"("at+jwt")",                         "accepted"   },
        {"the same with application/",           "typ",  R"("application/at+jwt")",             "accepted"   },
        {"in another case",                      "typ",  R"("Application/AT+JWT")",             "accepted"   },
        {"a refresh token",                      "typ",  R"("rt+jwt")",                         "wrong_type" },
        {"a logout token",                       "typ",  R"("logout+jwt")",                     "wrong_type" },
        {"a type within another",                "typ",  R"("application/application/at+jwt")", "wrong_type" },
        {"typ is no string",                     "typ",  R"(["at+jwt"])",                       "wrong_type" },
        {"no typ",                               "typ",  "",                                    "wrong_type" },
        {"an unknown kid",                       "kid",  R"("AAAAAAAAAAAAAAAA")",               "unknown_key"},
        {"a kid that is a path",                 "kid",  R"("../../dev/null")",                 "unknown_key"},
        {"an empty kid",                         "kid",  R"("")",                               "unknown_key"},
        {"kid is no string",                     "kid",  "1",                                   "unknown_key"},
        {"no kid, and one key",                  "kid",  "",                                    "accepted"   },
        {"a critical extension",                 "crit", R"(["exp"])",                          "unsupported"},
        {"a key in the header",                  "jwk",  "{}",                                  "unsupported"},
        {"the address of keys",                  "jku",  R"("https://evil.example/jwks")",      "unsupported"},
        {"the address of a certificate",         "x5u",  R"("https://evil.example/x")",         "unsupported"},
        {"a certificate",                        "x5c",  R"(["MII"])",                          "unsupported"},
        {"the thumbprint of one",                "x5t",  R"("MII")",                            "accepted"   },
        {"an unencoded payload",                 "b64",  "false",                               "unsupported"},
        {"a compressed payload",                 "zip",  R"("DEF")",                            "unsupported"},
        {"a nested token",                       "cty",  R"("JWT")",                            "unsupported"},
    };
    for (const auto& c : changes) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(outcome(other.token(changed(other.header, c), other.payload)), c.expected);
    }
    other.settings.typ = {"none"};
    EXPECT_EQ(outcome(other.token(changed(other.header, {"", "typ", "", ""}), other.payload)),
              "accepted");
    EXPECT_EQ(outcome(other.token()), "wrong_type");
}

// R34: everything is there, has its type and its value
TEST_F(ForeignVerifierTest, RefusesClaimsThatAreNotRight)
{
    const Change changes[] = {
        {"no issuer", "iss", "", "wrong_issuer"},
        {"another issuer", "iss", R"("https://id.example.com.evil")", "wrong_issuer"},
        {"the issuer with a slash", "iss", R"("https://id.example.com/")", "wrong_issuer"},
        {"the issuer in another case", "iss", R"("https://ID.example.com")", "wrong_issuer"},
        {"the issuer in a list", "iss", R"(["https://id.example.com"])", "wrong_issuer"},
        {"no audience", "aud", "", "wrong_audience"},
        {"another audience", "aud", R"("invoices")", "wrong_audience"},
        {"an empty audience", "aud", R"("")", "wrong_audience"},
        {"a list without us", "aud", R"(["invoices"])", "wrong_audience"},
        {"a list with us", "aud", R"(["invoices","orders"])", "accepted"},
        {"a list with something else", "aud", R"(["orders",1])", "wrong_audience"},
        {"no expiry", "exp", "", "malformed"},
        {"expiry as text", "exp", '"' + at(noon + 1h) + '"', "malformed"},
        {"expired within the leeway", "exp", at(noon - 29s), "accepted"},
        {"expired at the leeway", "exp", at(noon - 30s), "expired"},
        {"not before, within the leeway", "nbf", at(noon + 30s), "accepted"},
        {"not before, behind it", "nbf", at(noon + 31s), "not_yet_valid"},
        {"no issue time", "iat", "", "accepted"},
        {"issued within the leeway", "iat", at(noon + 30s), "accepted"},
        {"issued ahead", "iat", at(noon + 31s), "not_yet_valid"},
        {"issue time as text", "iat", R"("1")", "malformed"},
        {"a login an hour ago", "auth_time", at(noon - 1h), "accepted"},
        {"a login that is yet to come", "auth_time", at(noon + 31s), "not_yet_valid"},
        {"a login at no time", "auth_time", R"("now")", "malformed"},
        {"no subject", "sub", "", "malformed"},
        {"an empty subject", "sub", R"("")", "malformed"},
        {"a subject that is a number", "sub", "7", "malformed"},
        {"a subject without end", "sub", '"' + std::string(1025, 'a') + '"', "malformed"},
        {"a claim twice", "sub", R"("anna","sub":"bert")", "malformed"},
    };
    for (const auto& c : changes) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(outcome(other.token(other.header, changed(other.payload, c))), c.expected);
    }
    auto long_payload = other.payload;
    long_payload["more"] = '"' + std::string(longest_token_bytes, 'a') + '"';
    EXPECT_EQ(outcome(other.token(other.header, long_payload)), "malformed");
}

TEST_F(ForeignVerifierTest, TakesTokensForAnybodyOnlyWhenToldSo)
{
    const auto token = other.token(other.header, changed(other.payload, {"", "aud", "", ""}));
    EXPECT_EQ(outcome(token), "wrong_audience");
    other.settings.audience.clear();
    EXPECT_EQ(outcome(token), "wrong_audience") << "no audience is no leave";
    other.settings.any_audience = true;
    EXPECT_EQ(outcome(token), "accepted");
}

TEST_F(ForeignVerifierTest, WantsEachOfItsClaimsToBeAsTheSettingsSay)
{
    other.settings.claims = {
        {"email_verified", {"true"}             },
        {"org.plan",       {"pro", "enterprise"}}
    };
    const std::pair<Members, const char*> rows[] = {
        {{{"email_verified", "true"}, {"org", R"({"plan":"pro"})"}},          "accepted"    },
        {{{"email_verified", "true"}, {"org", R"({"plan":["free","pro"]})"}}, "accepted"    },
        {{{"email_verified", "false"}, {"org", R"({"plan":"pro"})"}},         "wrong_claims"},
        {{{"email_verified", "true"}, {"org", R"({"plan":"free"})"}},         "wrong_claims"},
        {{{"email_verified", "true"}, {"org.plan", R"("pro")"}},              "wrong_claims"},
        {{{"email_verified", "true"}},                                        "wrong_claims"},
    };
    for (const auto& [more, expected] : rows) {
        auto payload = other.payload;
        payload.insert(more.begin(), more.end());
        EXPECT_EQ(outcome(other.token(other.header, payload)), expected) << object(payload);
    }
}

TEST_F(ForeignVerifierTest, KnowsWhichKeyItIsOrRefuses)
{
    const auto second = jose::Key::generate(Algorithm::es256);
    const ForeignVerifier verifier("idp", other.settings);
    const auto both = *keys_in_jwks(OtherIssuer::jwks({other.key, second}), other.settings);
    EXPECT_TRUE(verifier.access(*both, other.token(), noon));
    const auto nameless = changed(other.header, {"", "kid", "", ""});
    EXPECT_EQ(verifier.access(*both, other.token(nameless, other.payload), noon).error(),
              TokenError::ambiguous)
        << "without a kid two keys fit";

    auto twin = second->public_jwk(); // another key under the same name
    twin.replace(twin.find(second->kid()), second->kid().size(), other.key->kid());
    const auto twins =
        *keys_in_jwks(R"({"keys":[)" + other.key->public_jwk() + ',' + twin + "]}", other.settings);
    EXPECT_EQ(verifier.access(*twins, other.token(), noon).error(), TokenError::ambiguous);

    const auto theirs = *keys_in_jwks(OtherIssuer::jwks({second}), other.settings);
    EXPECT_EQ(verifier.access(*theirs, other.token(), noon).error(), TokenError::unknown_key);
    const auto named = changed(other.header, {"", "kid", json::quote(second->kid()), ""});
    EXPECT_EQ(verifier.access(*theirs, other.token(named, other.payload), noon).error(),
              TokenError::bad_signature);
}

TEST_F(ForeignVerifierTest, ChecksASecretWithHs256Alone)
{
    const Secret text("0123456789abcdef0123456789abcdef");
    const auto secret = *jose::Key::from_secret(text);
    other.settings.secret_file = "secret";
    other.settings.secret = text;
    const ForeignVerifier verifier("idp", other.settings);
    const auto keys = *keys_in_settings(other.settings);
    const auto header = changed(other.header, {"", "alg", R"("HS256")", ""});
    const auto good = forge(*secret, object(header), object(other.payload));
    EXPECT_TRUE(verifier.access(*keys, good, noon)) << "whatever kid it names";
    EXPECT_EQ(verifier.access(*keys, other.token(), noon).error(), TokenError::unsupported);

    other.settings.secret_file.clear();
    other.settings.algorithms.emplace_back("HS256"); // the form would not let it through either
    EXPECT_THAT(algorithms_of(other.settings), ElementsAre(Algorithm::es256));
    EXPECT_EQ(outcome(good), "unsupported");
}

// The key is for what it says, whatever the list allows.
TEST(ForeignVerifier, LeavesTheAlgorithmToTheKey)
{
    OtherIssuer other(Algorithm::rs256);
    other.settings.algorithms = {"RS256", "PS256"};
    const ForeignVerifier verifier("idp", other.settings);
    const auto header = changed(other.header, {"", "alg", R"("PS256")", ""});
    EXPECT_EQ(verifier.access(*other.keys(), other.token(header, other.payload), noon).error(),
              TokenError::unsupported);
    EXPECT_TRUE(verifier.access(*other.keys(), other.token(), noon));
    other.settings.algorithms = {"PS256"};
    EXPECT_FALSE(keys_in_jwks(OtherIssuer::jwks({other.key}), other.settings))
        << "no key of it is of use then";
}

TEST_F(ForeignVerifierTest, TakesRolesAndScopesFromWhereItIsTold)
{
    auto payload = other.payload;
    payload["roles"] = R"(["admin"])";
    payload["scope"] = R"("orders.read orders.write")";
    payload["realm_access"] = R"({"roles":["ops","an admin","a,b","ops"]})";
    const auto token = other.token(other.header, payload);
    EXPECT_THAT(access(token)->roles, IsEmpty()) << "roles of theirs are none of ours";
    EXPECT_THAT(access(token)->scopes, IsEmpty());
    other.settings.roles_from = "realm_access.roles";
    other.settings.scopes_from = "scope";
    EXPECT_THAT(access(token)->roles, ElementsAre("ops")) << "what fits into no header is none";
    EXPECT_THAT(access(token)->scopes, ElementsAre("orders.read", "orders.write"));
    other.settings.roles = {
        {"admin",  {"an admin", "root"}},
        {"driver", {"drivers"}         }
    };
    EXPECT_THAT(access(token)->roles, ElementsAre("admin"));
    payload["scope"] = R"(["a","b c","d\\e"])";
    EXPECT_THAT(access(other.token(other.header, payload))->scopes, ElementsAre("a", "b", "c"));
}

TEST_F(ForeignVerifierTest, TakesTheUserFromWhereItIsTold)
{
    other.settings.subject = "user.id";
    auto payload = other.payload;
    EXPECT_EQ(outcome(other.token(other.header, payload)), "malformed");
    payload["user"] = R"({"id":"u-1"})";
    EXPECT_EQ(access(other.token(other.header, payload))->user_id, "idp:u-1");
}

TEST(ForeignUser, HasAnIdThatIsNobodyElses)
{
    EXPECT_EQ(foreign_user_id("idp", "anna"), "idp:anna");
    EXPECT_EQ(foreign_user_id("idp", "a:b"), "idp:a:b");
    const char* odd[] = {
        "auth0|anna", "anna bert", "anna\r\nX-Admin: 1",
        ".anna",      "ännä",      "0123456789012345678901234567890123456789012345678901234567890"};
    std::vector<std::string> met;
    for (const auto* subject : odd) {
        SCOPED_TRACE(subject);
        const auto id = foreign_user_id("idp", subject);
        EXPECT_TRUE(is_header_safe_id(id)) << id;
        EXPECT_TRUE(id.starts_with("idp:.")) << id;
        EXPECT_EQ(id.size(), 5U + 32U);
        EXPECT_EQ(std::ranges::find(met, id), met.end());
        met.push_back(id);
        // Whoever chooses a subject that looks like the hash of another one is hashed himself.
        EXPECT_NE(foreign_user_id("idp", id.substr(4)), id);
    }
    EXPECT_TRUE(is_header_safe_id(foreign_user_id(std::string(24, 'n'), "a b")));
    EXPECT_TRUE(is_named_by("idp", "idp:anna"));
    EXPECT_FALSE(is_named_by("idp", "idp"));
    EXPECT_FALSE(is_named_by("idp", "idp2:anna"));
    EXPECT_FALSE(is_named_by("idp", "anna"));
}

TEST(ClaimedIssuer, IsWhatATokenSaysOfItself)
{
    const OtherIssuer other;
    EXPECT_EQ(claimed_issuer(other.token()), "https://id.example.com");
    EXPECT_EQ(claimed_issuer("a.b.c"), "");
    EXPECT_EQ(claimed_issuer("a.eyJpc3MiOjF9.c"), "");
    EXPECT_EQ(claimed_issuer(""), "");
    EXPECT_EQ(claimed_issuer(std::string(longest_token_bytes + 1, 'a')), "");
}

} // namespace
} // namespace gatehouse::auth
