#include "auth/tokens/token_issuer.hpp"
#include "tests/auth/tokens/verifier_fixture.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

using namespace testing;

constexpr jose::Algorithm every_algorithm[] = {jose::Algorithm::es256, jose::Algorithm::es384,
                                               jose::Algorithm::rs256, jose::Algorithm::ps256,
                                               jose::Algorithm::eddsa, jose::Algorithm::hs256};

TEST_F(TokenVerifierTest, AcceptsWhatTheIssuerWrote)
{
    for (const auto algorithm : every_algorithm) {
        SCOPED_TRACE(jose::to_string(algorithm));
        const auto keys = make_ring(algorithm);
        auto claims = access_claims();
        claims.roles = {"admin", "ops"};
        claims.auth_time = noon - 1h;
        claims.amr = {"pwd", "otp"};
        const auto token = TokenIssuer(settings).access(*keys, claims);
        const auto read = TokenVerifier(settings).access(*keys, token, noon);
        ASSERT_TRUE(read) << read.error();
        EXPECT_EQ(read->user_id, claims.user_id);
        EXPECT_EQ(read->session_id, claims.session_id);
        EXPECT_EQ(read->jti, claims.jti);
        EXPECT_EQ(read->roles, claims.roles);
        EXPECT_EQ(read->auth_time, claims.auth_time);
        EXPECT_EQ(read->amr, claims.amr);
        EXPECT_EQ(read->issued_at, claims.issued_at);
        EXPECT_EQ(read->expires_at, claims.expires_at);
    }
    const auto claims = refresh_claims();
    const auto token = TokenIssuer(settings).refresh(*ring, claims);
    const auto read = TokenVerifier(settings).refresh(*ring, token, noon);
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(read->user_id, claims.user_id);
    EXPECT_EQ(read->session_id, claims.session_id);
    EXPECT_EQ(read->generation, claims.generation);
    EXPECT_EQ(read->issued_at, claims.issued_at);
    EXPECT_EQ(read->expires_at, claims.expires_at);
}

// R30, R31, R36: what the header says never chooses the key or the check
TEST_F(TokenVerifierTest, RefusesHeadersThatSayMoreOrOther)
{
    const Change changes[] = {
        {"nothing changed",                      "x",    "1",                              "accepted"   },
        {"alg none",                             "alg",  R"("none")",                      "unsupported"},
        {"alg nOnE",                             "alg",  R"("nOnE")",                      "unsupported"},
        {"alg in lower case",                    "alg",  R"("es256")",                     "unsupported"},
        {"the public key as HMAC secret",        "alg",  R"("HS256")",                     "unsupported"},
        {"another algorithm of the same family", "alg",  R"("ES384")",                     "unsupported"},
        {"alg is no string",                     "alg",  "256",                            "unsupported"},
        {"no alg",                               "alg",  "",                               "unsupported"},
        {"typ of the other kind",                "typ",  R"("rt+jwt")",                    "wrong_type" },
        {"typ JWT",                              "typ",  R"("JWT")",                       "wrong_type" },
        {"typ in another case",                  "typ",  R"("AT+JWT")",                    "wrong_type" },
        {"typ with application/",                "typ",  R"("application/at+jwt")",        "wrong_type" },
        {"typ is no string",                     "typ",  R"(["at+jwt"])",                  "wrong_type" },
        {"no typ",                               "typ",  "",                               "wrong_type" },
        {"an unknown kid",                       "kid",  R"("AAAAAAAAAAAAAAAA")",          "unknown_key"},
        {"a kid that is a path",                 "kid",  R"("../../dev/null")",            "unknown_key"},
        {"a kid that is SQL",                    "kid",  R"("x' or '1'='1")",              "unknown_key"},
        {"an empty kid",                         "kid",  R"("")",                          "unknown_key"},
        {"kid is no string",                     "kid",  "1",                              "unknown_key"},
        {"no kid",                               "kid",  "",                               "unknown_key"},
        {"a critical extension",                 "crit", R"(["exp"])",                     "unsupported"},
        {"an empty crit",                        "crit", "[]",                             "unsupported"},
        {"a key in the header",                  "jwk",  "{}",                             "unsupported"},
        {"the address of keys",                  "jku",  R"("https://evil.example/jwks")", "unsupported"},
        {"the address of a certificate",         "x5u",  R"("https://evil.example/x")",    "unsupported"},
        {"a certificate",                        "x5c",  R"(["MII"])",                     "unsupported"},
        {"an unencoded payload",                 "b64",  "false",                          "unsupported"},
        {"a compressed payload",                 "zip",  R"("DEF")",                       "unsupported"},
        {"a nested token",                       "cty",  R"("JWT")",                       "unsupported"},
    };
    for (const auto& c : changes) {
        SCOPED_TRACE(c.name);
        const auto header = object(changed(access_header, c));
        EXPECT_EQ(access(forge(access_key, header, object(access_payload))), c.expected);
    }
}

// R34, R22: every claim is there, has its type and its value
TEST_F(TokenVerifierTest, RefusesClaimsThatAreNotExactlyRight)
{
    const Change changes[] = {
        {"nothing changed", "x", "1", "accepted"},
        {"no issuer", "iss", "", "wrong_issuer"},
        {"another issuer", "iss", R"("gatehouse.example")", "wrong_issuer"},
        {"the issuer in another case", "iss", R"("Gatehouse")", "wrong_issuer"},
        {"the issuer in a list", "iss", R"(["gatehouse"])", "wrong_issuer"},
        {"no subject", "sub", "", "malformed"},
        {"an empty subject", "sub", R"("")", "malformed"},
        {"a subject that is a number", "sub", "1", "malformed"},
        {"a subject with a line end", "sub", R"("alice\r\nX-Admin: 1")", "malformed"},
        {"a subject with a comma", "sub", R"("alice,bob")", "malformed"},
        {"a subject with a space", "sub", R"("ali ce")", "malformed"},
        {"a subject of 65 characters", "sub", '"' + std::string(65, 'a') + '"', "malformed"},
        {"no audience", "aud", "", "wrong_audience"},
        {"another audience", "aud", R"("bob")", "wrong_audience"},
        {"an audience that begins the same", "aud", R"("alice2")", "wrong_audience"},
        {"an empty list of audiences", "aud", "[]", "wrong_audience"},
        {"a list without ours", "aud", R"(["bob","carol"])", "wrong_audience"},
        {"a list with ours", "aud", R"(["bob","alice"])", "accepted"},
        {"a list with something else", "aud", R"(["alice",1])", "wrong_audience"},
        {"an audience that is an object", "aud", R"({"alice":1})", "wrong_audience"},
        {"no session", "sid", "", "malformed"},
        {"a session that is too short", "sid", R"("AAAA")", "malformed"},
        {"a session in a second spelling", "sid",
         '"' + Id128{1, 2}.to_string().substr(0, 21) + "h\"", "malformed"},
        {"no jti", "jti", "", "malformed"},
        {"a jti that is a number", "jti", "1", "malformed"},
        {"no expiry", "exp", "", "malformed"},
        {"expired", "exp", at(noon - 1s), "expired"},
        {"expires now", "exp", at(noon), "expired"},
        {"expires next second", "exp", at(noon + 1s), "accepted"},
        {"expiry as text", "exp", '"' + at(noon + 1h) + '"', "malformed"},
        {"expiry with a fraction", "exp", at(noon + 1h) + ".5", "malformed"},
        {"expiry with a zero fraction", "exp", at(noon + 1h) + ".0", "malformed"},
        {"expiry with an exponent", "exp", "9e10", "malformed"},
        {"expiry is null", "exp", "null", "malformed"},
        {"a negative expiry", "exp", "-1", "malformed"},
        {"expiry beyond the year 9999", "exp", "253402300800", "malformed"},
        {"expiry that would overflow", "exp", "9223372036854775807", "malformed"},
        {"expiry beyond 64 bits", "exp", "18446744073709551616", "malformed"},
        {"no issue time", "iat", "", "malformed"},
        {"issue time as text", "iat", R"("1")", "malformed"},
        {"issued a minute ahead", "iat", at(noon + 60s), "accepted"},
        {"issued further ahead", "iat", at(noon + 61s), "not_yet_valid"},
        {"not before now", "nbf", at(noon), "accepted"},
        {"not before the next second", "nbf", at(noon + 1s), "not_yet_valid"},
        {"not before, as text", "nbf", R"("1")", "malformed"},
        {"not before is null", "nbf", "null", "malformed"},
        {"a role", "roles", R"(["admin"])", "accepted"},
        {"no roles", "roles", "[]", "accepted"},
        {"roles as text", "roles", R"("admin")", "malformed"},
        {"a role that is a number", "roles", "[1]", "malformed"},
        {"a role with a comma", "roles", R"(["user,admin"])", "malformed"},
        {"a role with a line end", "roles", R"(["a\r\nb"])", "malformed"},
        {"a login long ago", "auth_time", "0", "accepted"},
        {"a login a minute ahead", "auth_time", at(noon + 60s), "accepted"},
        {"a login further ahead", "auth_time", at(noon + 61s), "not_yet_valid"},
        {"login time as text", "auth_time", '"' + at(noon) + '"', "malformed"},
        {"login time with a fraction", "auth_time", at(noon) + ".5", "malformed"},
        {"login time is null", "auth_time", "null", "malformed"},
        {"a negative login time", "auth_time", "-1", "malformed"},
        {"login time beyond 64 bits", "auth_time", "18446744073709551616", "malformed"},
        {"a login by password", "amr", R"(["pwd"])", "accepted"},
        {"a generation", "gen", "4294967295", "accepted"},
        {"generation zero", "gen", "0", "malformed"},
        {"a negative generation", "gen", "-1", "malformed"},
        {"a generation beyond what we count", "gen", "4294967296", "malformed"},
        {"a generation as text", "gen", R"("1")", "malformed"},
        {"half a generation", "gen", "1.5", "malformed"},
        {"a generation that is null", "gen", "null", "malformed"},
        {"a login by text", "amr", R"("pwd")", "malformed"},
        {"a login by number", "amr", "[1]", "malformed"},
        {"a login with a line end", "amr", R"(["p\r\nwd"])", "malformed"},
    };
    for (const auto& c : changes) {
        SCOPED_TRACE(c.name);
        const auto payload = object(changed(access_payload, c));
        EXPECT_EQ(access(forge(access_key, object(access_header), payload)), c.expected);
    }
}

// R30, R33
TEST_F(TokenVerifierTest, RefusesWhatItsKeysDidNotSign)
{
    const auto header = object(access_header);
    const auto payload = object(access_payload);
    const auto stranger = jose::Key::generate(jose::Algorithm::es256);
    EXPECT_EQ(access(forge(*stranger, header, payload)), "bad_signature");

    auto other_payload = access_payload;
    other_payload["sub"] = other_payload["aud"] = R"("root")";
    const auto token = forge(access_key, header, payload);
    EXPECT_EQ(access(token.substr(0, token.find('.') + 1) +
                     jose::encode_base64url(object(other_payload)) +
                     token.substr(token.rfind('.'))),
              "bad_signature");
    EXPECT_EQ(access(token.substr(0, token.rfind('.') + 1) +
                     jose::encode_base64url(std::string(64, '\0'))),
              "bad_signature");

    EXPECT_EQ(refresh(forge(*jose::Key::generate(jose::Algorithm::hs256), object(refresh_header),
                            object(refresh_payload))),
              "bad_signature");
}

TEST_F(TokenVerifierTest, ChecksTheConfiguredAudienceAndIssuer)
{
    settings.issuer = "https://api.example.com";
    settings.audience = {"orders", "billing"};
    const auto token = TokenIssuer(settings).access(*ring, access_claims());
    EXPECT_EQ(access(token), "accepted");

    struct Case {
        const char* name;
        std::string issuer;
        std::vector<std::string> audience;
        std::string expected;
    };

    const Case cases[] = {
        {"one of them is enough",       "https://api.example.com",  {"billing"},  "accepted"      },
        {"none of them",                "https://api.example.com",  {"shipping"}, "wrong_audience"},
        {"the user id is none",         "https://api.example.com",  {},           "wrong_audience"},
        {"an issuer with a slash more", "https://api.example.com/", {"orders"},   "wrong_issuer"  },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        settings.issuer = c.issuer;
        settings.audience = c.audience;
        EXPECT_EQ(access(token), c.expected);
    }
}

TEST_F(TokenVerifierTest, RefreshTokensSurviveAnotherAudience)
{
    const auto token = TokenIssuer(settings).refresh(*ring, refresh_claims());
    settings.audience = {"orders"};
    EXPECT_EQ(refresh(token), "accepted");
}

TEST_F(TokenVerifierTest, TakesAnExpiredRefreshTokenForLogoutOnly)
{
    const auto token = TokenIssuer(settings).refresh(*ring, refresh_claims());
    const TokenVerifier verifier(settings);
    const auto later = noon + 24h;
    EXPECT_EQ(outcome(verifier.refresh(*ring, token, later)), "expired");
    const auto claims = verifier.refresh_even_expired(*ring, token, later);
    ASSERT_TRUE(claims) << claims.error();
    EXPECT_EQ(claims->generation, refresh_claims().generation);

    auto forged = token;
    forged.back() = forged.back() == 'A' ? 'E' : 'A';
    EXPECT_EQ(outcome(verifier.refresh_even_expired(*ring, forged, later)), "bad_signature");
    EXPECT_EQ(outcome(verifier.refresh_even_expired(
                  *ring, TokenIssuer(settings).access(*ring, access_claims()), later)),
              "wrong_type");
}

TEST_F(TokenVerifierTest, HonoursTheLeeway)
{
    settings.leeway = 10s;
    const auto expiring = [&](Seconds time) {
        auto claims = access_claims();
        claims.expires_at = time;
        return TokenIssuer(settings).access(*ring, claims);
    };
    EXPECT_EQ(access(expiring(noon - 9s)), "accepted");
    EXPECT_EQ(access(expiring(noon - 10s)), "expired");
}

// What ended is remembered for one access life as it is set now; a token that was made while the
// setting was longer would outlive the memory of its logout.
TEST_F(TokenVerifierTest, TakesNoTokenForLongerThanAnAccessLifeOfNow)
{
    struct Case {
        const char* name;
        Seconds issued_at;
        std::chrono::seconds leeway;
        std::string expected;
    };

    const Case cases[] = {
        {"within a life of now",         noon - 59s, 0s,  "accepted"},
        {"a life of now ago",            noon - 60s, 0s,  "expired" },
        {"longer ago, while clocks may", noon - 69s, 10s, "accepted"},
        {"longer ago than that",         noon - 70s, 10s, "expired" },
    };
    settings.access_ttl = 60s;
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        settings.leeway = c.leeway;
        auto claims = access_claims();
        claims.issued_at = c.issued_at;
        claims.expires_at = c.issued_at + 24h;
        const auto token = TokenIssuer(settings).access(*ring, claims);
        EXPECT_EQ(access(token), c.expected);
        const auto read = TokenVerifier(settings).access(*ring, token, c.issued_at);
        ASSERT_TRUE(read) << read.error();
        EXPECT_EQ(read->expires_at, c.issued_at + 60s);
    }
}

// As far as the setting says: the memory of what ended is as long as it is (refused_until).
TEST_F(TokenVerifierTest, HonoursHowFarClocksMayBeAhead)
{
    struct Case {
        std::chrono::seconds allowed;
        std::chrono::seconds ahead;
        std::string expected;
    };

    const Case cases[] = {
        {0s,   0s,   "accepted"     },
        {0s,   1s,   "not_yet_valid"},
        {60s,  60s,  "accepted"     },
        {60s,  61s,  "not_yet_valid"},
        {300s, 300s, "accepted"     },
        {300s, 301s, "not_yet_valid"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(fmt::format("{} s of {} s", c.ahead.count(), c.allowed.count()));
        settings.max_ahead = c.allowed;
        auto claims = access_claims();
        claims.issued_at = noon + c.ahead;
        claims.expires_at = claims.issued_at + 1h;
        EXPECT_EQ(access(TokenIssuer(settings).access(*ring, claims)), c.expected);
        auto session = refresh_claims();
        session.issued_at = noon + c.ahead;
        session.expires_at = session.issued_at + 1h;
        EXPECT_EQ(refresh(TokenIssuer(settings).refresh(*ring, session)), c.expected);
    }
}

TEST_F(TokenVerifierTest, TokensAreShort)
{
    auto claims = access_claims(Id128::random().to_string());
    EXPECT_LE(TokenIssuer(settings).access(*ring, claims).size(), 450U);
    auto renewal = refresh_claims();
    renewal.user_id = claims.user_id;
    renewal.generation = 4'000'000'000;
    EXPECT_LE(TokenIssuer(settings).refresh(*ring, renewal).size(), 400U);
}

// DESIGN 3: `repeat` hands out the current token again, from any replica
TEST_F(TokenVerifierTest, TheSameRefreshClaimsGiveTheSameToken)
{
    const TokenIssuer issuer(settings);
    EXPECT_EQ(issuer.refresh(*ring, refresh_claims()), issuer.refresh(*ring, refresh_claims()));
}

} // namespace
} // namespace gatehouse::auth
