#include "auth/tokens/token_issuer.hpp"
#include "tests/auth/tokens/verifier_fixture.hpp"

namespace gatehouse::auth {
namespace {

using namespace testing;

class DeviceToken : public TokenVerifierTest {
protected:
    const DeviceClaims claims{
        "alice", Id128{5, 6}
         .to_string(), noon - 24h, noon + 24h
    };
    const Members header{
        {"alg", R"("HS256")"                  },
        {"typ", R"("dt+jwt")"                 },
        {"kid", json::quote(refresh_key.kid())},
    };
    const Members payload{
        {"iss", R"("gatehouse")"                    },
        {"sub", R"("alice")"                        },
        {"iat", at(noon)                            },
        {"exp", at(noon + 1h)                       },
        {"did", json::quote(Id128{5, 6}.to_string())},
    };

    [[nodiscard]] std::string device(std::string_view token) const
    {
        return outcome(TokenVerifier(settings).device(*ring, token, noon));
    }
};

TEST_F(DeviceToken, ComesBackAsItWasWritten)
{
    const auto token = TokenIssuer(settings).device(*ring, claims);
    const auto read = TokenVerifier(settings).device(*ring, token, noon);
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(read->user_id, "alice");
    EXPECT_EQ(read->device_id, claims.device_id);
    EXPECT_EQ(read->issued_at, noon - 24h);
    EXPECT_EQ(read->expires_at, noon + 24h);
}

TEST_F(DeviceToken, OpensNoOtherDoorAndNoOtherTokenOpensItsOwn) // R35
{
    const auto token = TokenIssuer(settings).device(*ring, claims);
    EXPECT_EQ(access(token), "wrong_type");
    EXPECT_EQ(refresh(token), "wrong_type");
    EXPECT_EQ(device(TokenIssuer(settings).refresh(*ring, refresh_claims())), "wrong_type");
    EXPECT_EQ(device(TokenIssuer(settings).access(*ring, access_claims())), "wrong_type");
}

TEST_F(DeviceToken, IsRefusedWhereAnythingIsNotExactlyRight)
{
    const Change changes[] = {
        {"nothing changed",            "x",   "1",          "accepted"    },
        {"no issuer",                  "iss", "",           "wrong_issuer"},
        {"another issuer",             "iss", R"("other")", "wrong_issuer"},
        {"no user",                    "sub", "",           "malformed"   },
        {"a user that is a number",    "sub", "1",          "malformed"   },
        {"no device",                  "did", "",           "malformed"   },
        {"a device that is too short", "did", R"("AAAA")",  "malformed"   },
        {"a device that is a number",  "did", "1",          "malformed"   },
        {"no issue time",              "iat", "",           "malformed"   },
        {"no expiry",                  "exp", "",           "malformed"   },
        {"expiry as text",             "exp", R"("1")",     "malformed"   },
        {"expires now",                "exp", at(noon),     "expired"     },
    };
    for (const auto& c : changes) {
        SCOPED_TRACE(c.name);
        const auto token = forge(refresh_key, object(header), object(changed(payload, c)));
        EXPECT_EQ(device(token), c.expected);
    }
    const auto stranger = jose::Key::generate(jose::Algorithm::hs256);
    EXPECT_EQ(device(forge(*stranger, object(header), object(payload))), "bad_signature");
    auto by_access_key = header;
    by_access_key["kid"] = json::quote(access_key.kid());
    EXPECT_EQ(device(forge(access_key, object(by_access_key), object(payload))), "unknown_key");
}

} // namespace
} // namespace gatehouse::auth
