#include "auth/json/writer.hpp"
#include "auth/tokens/token_issuer.hpp"
#include "auth/tokens/token_verifier.hpp"
#include "tests/auth/tokens/forge.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

namespace gatehouse::auth {
namespace {

using namespace testing;

constexpr jose::Algorithm every_algorithm[] = {jose::Algorithm::es256, jose::Algorithm::es384,
                                               jose::Algorithm::rs256, jose::Algorithm::ps256,
                                               jose::Algorithm::eddsa, jose::Algorithm::hs256};

/// An object's members by name, each as JSON text, so that a row changes one of them.
using Members = std::map<std::string, std::string>;

[[nodiscard]] std::string object(const Members& members)
{
    std::string out = "{";
    for (const auto& [name, value] : members) {
        if (out.size() > 1) out += ',';
        out += json::quote(name) + ':' + value;
    }
    return out + '}';
}

[[nodiscard]] std::string at(Seconds time)
{
    return std::to_string(time.time_since_epoch().count());
}

class TokenVerifierTest : public ::testing::Test {
protected:
    std::shared_ptr<const KeyRing> ring = make_ring(jose::Algorithm::es256);
    config::TokenSettings settings;
    const jose::Key& access_key = ring->access_signer();
    const jose::Key& refresh_key = ring->refresh_signer();

    const Members access_header{
        {"alg", R"("ES256")"                 },
        {"typ", R"("at+jwt")"                },
        {"kid", json::quote(access_key.kid())},
    };
    const Members access_payload{
        {"iss", R"("gatehouse")"                    },
        {"sub", R"("alice")"                        },
        {"aud", R"("alice")"                        },
        {"iat", at(noon)                            },
        {"exp", at(noon + 1h)                       },
        {"jti", json::quote(Id128{3, 4}.to_string())},
        {"sid", json::quote(Id128{1, 2}.to_string())},
    };
    const Members refresh_header{
        {"alg", R"("HS256")"                  },
        {"typ", R"("rt+jwt")"                 },
        {"kid", json::quote(refresh_key.kid())},
    };
    const Members refresh_payload{
        {"iss", R"("gatehouse")"                    },
        {"sub", R"("alice")"                        },
        {"aud", R"("alice")"                        },
        {"iat", at(noon)                            },
        {"exp", at(noon + 1h)                       },
        {"gen", "1"                                 },
        {"sid", json::quote(Id128{1, 2}.to_string())},
    };

    /// "accepted" or the word of the refusal.
    template <class Claims>
    [[nodiscard]] static std::string outcome(const Result<Claims, TokenError>& result)
    {
        return result ? "accepted" : std::string(to_string(result.error()));
    }

    [[nodiscard]] std::string access(std::string_view token) const
    {
        return outcome(TokenVerifier(settings).access(*ring, token, noon));
    }

    [[nodiscard]] std::string refresh(std::string_view token) const
    {
        return outcome(TokenVerifier(settings).refresh(*ring, token, noon));
    }
};

/// One member that is set to `value`, or removed where that is empty; and what comes of it.
struct Change {
    const char* name;
    std::string member;
    std::string value;
    std::string expected;
};

[[nodiscard]] Members changed(Members members, const Change& change)
{
    if (change.value.empty()) {
        members.erase(change.member);
    } else {
        members[change.member] = change.value;
    }
    return members;
}

TEST_F(TokenVerifierTest, AcceptsWhatTheIssuerWrote)
{
    for (const auto algorithm : every_algorithm) {
        SCOPED_TRACE(jose::to_string(algorithm));
        const auto keys = make_ring(algorithm);
        auto claims = access_claims();
        claims.roles = {"admin", "ops"};
        const auto token = TokenIssuer(settings).access(*keys, claims);
        const auto read = TokenVerifier(settings).access(*keys, token, noon);
        ASSERT_TRUE(read) << read.error();
        EXPECT_EQ(read->user_id, claims.user_id);
        EXPECT_EQ(read->session_id, claims.session_id);
        EXPECT_EQ(read->jti, claims.jti);
        EXPECT_EQ(read->roles, claims.roles);
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
    };
    for (const auto& c : changes) {
        SCOPED_TRACE(c.name);
        const auto payload = object(changed(access_payload, c));
        EXPECT_EQ(access(forge(access_key, object(access_header), payload)), c.expected);
    }
}

// R34, R35: the refresh token's door
TEST_F(TokenVerifierTest, RefusesRefreshTokensThatAreNotExactlyRight)
{
    const Change header_changes[] = {
        {"nothing changed",           "x",    "1",                           "accepted"   },
        {"typ of the other kind",     "typ",  R"("at+jwt")",                 "wrong_type" },
        {"alg none",                  "alg",  R"("none")",                   "unsupported"},
        {"alg HS384",                 "alg",  R"("HS384")",                  "unsupported"},
        {"the kid of the access key", "kid",  json::quote(access_key.kid()), "unknown_key"},
        {"crit",                      "crit", R"(["gen"])",                  "unsupported"},
    };
    for (const auto& c : header_changes) {
        SCOPED_TRACE(c.name);
        const auto header = object(changed(refresh_header, c));
        EXPECT_EQ(refresh(forge(refresh_key, header, object(refresh_payload))), c.expected);
    }
    const Change payload_changes[] = {
        {"another issuer",               "iss", R"("x")",     "wrong_issuer"  },
        {"another audience",             "aud", R"("bob")",   "wrong_audience"},
        {"no audience",                  "aud", "",           "wrong_audience"},
        {"no generation",                "gen", "",           "malformed"     },
        {"generation 0",                 "gen", "0",          "malformed"     },
        {"a negative generation",        "gen", "-1",         "malformed"     },
        {"the greatest generation",      "gen", "4294967295", "accepted"      },
        {"a generation that wraps to 1", "gen", "4294967297", "malformed"     },
        {"a generation with a fraction", "gen", "1.0",        "malformed"     },
        {"a generation as text",         "gen", R"("1")",     "malformed"     },
        {"expired",                      "exp", at(noon),     "expired"       },
        {"no expiry",                    "exp", "",           "malformed"     },
        {"no session",                   "sid", "",           "malformed"     },
    };
    for (const auto& c : payload_changes) {
        SCOPED_TRACE(c.name);
        const auto payload = object(changed(refresh_payload, c));
        EXPECT_EQ(refresh(forge(refresh_key, object(refresh_header), payload)), c.expected);
    }
}

// R35: neither kind opens the other's door, not even under one key
TEST_F(TokenVerifierTest, KeepsAccessAndRefreshTokensApart)
{
    const TokenIssuer issuer(settings);
    EXPECT_EQ(refresh(issuer.access(*ring, access_claims())), "wrong_type");
    EXPECT_EQ(access(issuer.refresh(*ring, refresh_claims())), "wrong_type");

    auto both = access_payload;
    both["gen"] = "1";
    EXPECT_EQ(
        refresh(forge(access_key, object(changed(access_header, {"", "typ", R"("rt+jwt")", ""})),
                      object(both))),
        "unknown_key");
    EXPECT_EQ(
        access(forge(refresh_key, object(changed(refresh_header, {"", "typ", R"("at+jwt")", ""})),
                     object(both))),
        "unknown_key");
}

// R32
TEST_F(TokenVerifierTest, RefusesEverythingButTheStrictCompactForm)
{
    const auto header = object(access_header);
    const auto payload = object(access_payload);
    const auto token = forge(access_key, header, payload);
    ASSERT_EQ(access(token), "accepted");
    const auto dot = token.find('.');
    const auto last_dot = token.rfind('.');
    const auto twice = [](const std::string& text, const std::string& member) {
        return text.substr(0, text.size() - 1) + "," + member + "}";
    };
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    auto second_spelling = token; // 64 bytes are 86 characters: four bits of the last are unused
    second_spelling.back() =
        second_spelling.back() == 'A' ? 'B' : static_cast<char>(token.back() + 1);

    struct Case {
        const char* name;
        std::string token;
        std::string expected;
    };

    const Case cases[] = {
        {"nothing", "", "malformed"},
        {"dots only", "..", "malformed"},
        {"two segments", token.substr(0, last_dot), "malformed"},
        {"an empty signature", token.substr(0, last_dot + 1), "malformed"},
        {"four segments", token + ".AAAA", "malformed"},
        {"five segments", token + ".AAAA.AAAA", "malformed"},
        {"an empty header", token.substr(dot), "malformed"},
        {"an empty payload", token.substr(0, dot + 1) + token.substr(last_dot), "malformed"},
        {"a space before it", " " + token, "malformed"},
        {"a line end behind it", token + "\n", "malformed"},
        {"padding behind the signature", token + "=", "malformed"},
        {"a second spelling of the signature", second_spelling, "malformed"},
        {"the alphabet of plain base64", token.substr(0, last_dot + 1) + std::string(86, '+'),
         "malformed"},
        {"a signature of another length", token.substr(0, token.size() - 3) + "Q", "bad_signature"},
        {"a signature in DER", token + "AA", "bad_signature"},
        {"a header that is no JSON", forge(access_key, "alg=ES256", payload), "malformed"},
        {"a header that is a list", forge(access_key, "[" + header + "]", payload), "malformed"},
        {"a member twice in the header",
         forge(access_key, twice(header, R"("alg":"ES256")"), payload), "malformed"},
        {"a payload that is no JSON", forge(access_key, header, "alice"), "malformed"},
        {"a payload that is text", forge(access_key, header, "\"alice\""), "malformed"},
        {"a payload that is null", forge(access_key, header, "null"), "malformed"},
        {"a claim twice", forge(access_key, header, twice(payload, R"("sub":"bob")")), "malformed"},
        {"a claim twice, once escaped",
         forge(access_key, header, twice(payload, R"("\u0073ub":"bob")")), "malformed"},
        {"bytes behind the payload", forge(access_key, header, payload + "x"), "malformed"},
        {"bad UTF-8", forge(access_key, header, twice(payload, "\"x\":\"\xFF\"")), "malformed"},
        {"U+0000", forge(access_key, header, twice(payload, R"("x":"\u0000")")), "malformed"},
        {"as deep as allowed", forge(access_key, header, twice(payload, "\"x\":" + nested(15))),
         "accepted"},
        {"deeper", forge(access_key, header, twice(payload, "\"x\":" + nested(16))), "malformed"},
        {"as long as allowed",
         forge(access_key, header, twice(payload, "\"x\":\"" + std::string(5500, 'x') + '"')),
         "accepted"},
        {"longer",
         forge(access_key, header,
         twice(payload, "\"x\":\"" + std::string(longest_token_bytes, 'x') + '"')),
         "malformed"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(access(c.token), c.expected);
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
