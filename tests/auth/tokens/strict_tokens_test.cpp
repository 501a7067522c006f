// What is refused because it is not exactly the token we would have written.
#include "auth/tokens/token_issuer.hpp"
#include "tests/auth/tokens/verifier_fixture.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

using namespace testing;

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

} // namespace
} // namespace gatehouse::auth
