// WebSocket handshakes: which page may have sent them, and where their token may stand.
#include "auth/tokens/csrf_token.hpp"
#include "tests/gateway/pipeline/decision_fixture.hpp"

namespace gatehouse::gateway::test {
namespace {

class DecisionOnWebSocket : public DecisionFixture {
protected:
    DecisionOnWebSocket()
    {
        auth_settings.access_cookie_name = "at";
        auth_settings.contract.access_cookie = true;
        auth_settings.origins = {"https://app.example"};
    }

    std::string shake(std::string_view target, std::vector<Field> fields)
    {
        auto head = request("GET", target, std::move(fields));
        head.websocket = true;
        const DecisionRooms rooms{router, authenticator, stale, auth_settings, lease};
        const auto admission = decide(rooms, head, noon, scratch);
        if (!admission) return std::string(to_string(admission.error().code));
        EXPECT_TRUE(admission->upgrade);
        return admission->principal == nullptr ? "ok" : "ok " + admission->principal->user_id;
    }

    const std::string value = "at=" + token("ann").substr(7);
    const std::string protocols = "bearer, " + token("bob").substr(7) + ", chat";
    const Field cookie{"Cookie", value};
    const Field named{"Sec-WebSocket-Protocol", protocols};
    const Field own{"Origin", "http://client.example"}; // of the request itself
    const Field listed{"Origin", "https://app.example"};
    const Field foreign{"Origin", "https://evil.example"};
};

TEST_F(DecisionOnWebSocket, IsForOwnPagesWhereACookieCarriesTheToken)
{
    const auto proof = auth::csrf_token_of(*keeper->ring(), session.to_string());
    const Field csrf{"X-CSRF-Token", proof};

    struct Case {
        std::vector<Field> fields;
        const char* expected;
    };

    const Case cases[] = {
        {{cookie, own},                "ok ann"          },
        {{cookie, listed},             "ok ann"          },
        {{cookie, csrf},               "ok ann"          },
        {{cookie},                     "origin_forbidden"}, // no browser
        {{cookie, foreign},            "origin_forbidden"},
        {{cookie, foreign, csrf},      "origin_forbidden"},
        {{cookie, {"Origin", "null"}}, "origin_forbidden"},
        {{cookie, own, foreign},       "origin_forbidden"},
        {{own},                        "token_missing"   },
    };
    for (const auto& c : cases) EXPECT_EQ(shake("/required/x", c.fields), c.expected);
    EXPECT_EQ(ask("GET", "/required/x", {cookie, foreign}), "ok ann") << "a GET that is none";
}

TEST_F(DecisionOnWebSocket, TakesATokenAmongTheProtocolsForABearer)
{
    EXPECT_EQ(shake("/required/x", {named}), "ok bob");
    EXPECT_EQ(shake("/required/x", {named, foreign}), "ok bob") << "no browser adds it by itself";
    EXPECT_EQ(shake("/required/x", {cookie, named, foreign}), "ok bob");
    EXPECT_EQ(shake("/optional/x", {named}), "ok bob");
    EXPECT_EQ(shake("/optional/x",
                    {
                        {"Sec-WebSocket-Protocol", "bearer, x"}
    }),
              "token_invalid");
    EXPECT_EQ(shake("/none/x",
                    {
                        {"Sec-WebSocket-Protocol", "bearer, x"}
    }),
              "ok");
    EXPECT_EQ(shake("/admin/x", {named}), "forbidden");
    EXPECT_EQ(ask("GET", "/required/x", {named}), "token_missing") << "no handshake";
}

} // namespace
} // namespace gatehouse::gateway::test
