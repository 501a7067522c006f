#include "tests/auth/tokens/foreign_fixture.hpp"
#include "tests/gateway/pipeline/decision_fixture.hpp"

namespace gatehouse::gateway::test {
namespace {

using auth::testing::Members;

/// Routes that believe us, another one, or both.
class IssuerDecision : public DecisionFixture {
protected:
    IssuerDecision()
    {
        config::Settings settings;
        other.settings.roles_from = "roles";
        settings.issuers = {
            {"idp", other.settings}
        };
        routes.clear();
        for (const auto& [match, believed] : {
                 std::pair{"/own/**",    1U},
                 std::pair{"/both/**",   3U},
                 std::pair{"/theirs/**", 2U}
        }) {
            routes.push_back(route(match, config::AuthMode::required));
            routes.back().believed = believed;
        }
        routes.push_back(route("/fresh", config::AuthMode::required));
        routes.back().believed = 3;
        routes.back().max_auth_age = std::chrono::minutes(5);
        routes.push_back(route("/shown", config::AuthMode::required));
        routes.back().believed = 3;
        routes.back().require = {"totp"};
        routes.push_back(route("/admin", config::AuthMode::required));
        routes.back().believed = 3;
        routes.back().roles = {"admin"};
        routes.push_back(route("/maybe", config::AuthMode::optional));
        routes.back().believed = 3;
        routes.push_back(route("/cookie", config::AuthMode::required));
        routes.back().believed = 3;
        routes.back().session_cookie = true;
        auth_settings.session_cookies = true;
        router = Router(routes);
        keys[auth::key_source_of(other.settings)] = other.keys();
        authenticator.take_issuers(std::make_shared<const auth::Issuers>(settings), keys);
        other.payload["iat"] = auth::testing::at(noon);
        other.payload["exp"] = auth::testing::at(noon + std::chrono::hours(1));
    }

    std::string with(std::string_view target, const std::string& authorization)
    {
        return ask("GET", target,
                   {
                       {"Authorization", authorization}
        });
    }

    [[nodiscard]] std::string theirs(const Members& more = {}) const
    {
        auto payload = other.payload;
        for (const auto& [name, value] : more) payload[name] = value;
        return "Bearer " + other.token(other.header, payload);
    }

    auth::testing::OtherIssuer other;
    auth::FetchedKeys keys;
};

TEST_F(IssuerDecision, EachRouteBelievesWhomItNames)
{
    const auto anna = theirs();
    const auto ann = token("ann");
    for (const char* round : {"new", "remembered"}) {
        SCOPED_TRACE(round);
        EXPECT_EQ(with("/both/x", anna), "ok idp:anna");
        EXPECT_EQ(with("/theirs/x", anna), "ok idp:anna");
        EXPECT_EQ(with("/own/x", anna), "token_invalid");
        EXPECT_EQ(with("/maybe", anna), "ok idp:anna");
        EXPECT_EQ(with("/own/x", ann), "ok ann");
        EXPECT_EQ(with("/both/x", ann), "ok ann");
        EXPECT_EQ(with("/theirs/x", ann), "token_invalid");
        EXPECT_EQ(with("/theirs/x", api_key("ann")), "token_invalid");
        EXPECT_EQ(with("/both/x", api_key("ann")), "ok ann");
        EXPECT_EQ(with("/nowhere", anna), "token_invalid") << "no route believes nobody";
    }
    EXPECT_EQ(ask("GET", "/theirs/x"), "token_missing");
}

TEST_F(IssuerDecision, TheLogSaysWhoRefusedAndWhy)
{
    EXPECT_EQ(with("/both/x", theirs({
                                  {"aud", R"("others")"}
    })),
              "token_invalid");
    EXPECT_EQ(reason, "wrong_audience (issuer idp)");
    EXPECT_EQ(status, 401U);
    EXPECT_EQ(with("/both/x", theirs({
                                  {"exp", "1"}
    })),
              "token_expired");
    EXPECT_EQ(reason, "expired (issuer idp)");
}

TEST_F(IssuerDecision, AnIssuerThatIsDownIsNoFaultOfItsTokens)
{
    keys.clear();
    authenticator.use(keys);
    EXPECT_EQ(with("/both/x", theirs()), "store_unavailable");
    EXPECT_EQ(status, 503U);
    EXPECT_EQ(reason, "no_keys (issuer idp)");
    EXPECT_EQ(with("/both/x", token("ann")), "ok ann");
}

TEST_F(IssuerDecision, RolesAndLoginsAreTheirsAndProofsAreNot)
{
    EXPECT_EQ(with("/admin", theirs()), "forbidden");
    EXPECT_EQ(with("/admin", theirs({
                                 {"roles", R"(["admin"])"}
    })),
              "ok idp:anna");
    revocations.set_roles("idp:anna", {"nobody"}, noon + std::chrono::hours(1));
    EXPECT_EQ(with("/admin", theirs({
                                 {"roles", R"(["admin"])"}
    })),
              "ok idp:anna");
    EXPECT_EQ(with("/fresh", theirs()), "insufficient_user_authentication");
    const auto lately = auth::testing::at(noon - std::chrono::minutes(1));
    EXPECT_EQ(with("/fresh", theirs({
                                 {"auth_time", lately}
    })),
              "ok idp:anna");
    EXPECT_EQ(with("/shown", theirs({
                                 {"amr", R"(["otp","pop"])"}
    })),
              "insufficient_user_authentication");
}

TEST_F(IssuerDecision, NoCookieCarriesTheirs)
{
    const auto in_cookie = [&](const std::string& bearer) {
        const auto held = "access_token=" + bearer.substr(7);
        return ask("GET", "/cookie",
                   {
                       {"Cookie", held}
        });
    };
    EXPECT_EQ(in_cookie(token("ann")), "ok ann");
    EXPECT_EQ(with("/cookie", theirs()), "ok idp:anna");
    EXPECT_EQ(in_cookie(theirs()), "token_invalid");
}

} // namespace
} // namespace gatehouse::gateway::test
