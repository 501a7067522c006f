// Access tokens that come by cookie, and which page may have sent them.
#include "auth/tokens/csrf_token.hpp"
#include "gateway/pipeline/identification.hpp"
#include "tests/gateway/pipeline/decision_fixture.hpp"

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;

class DecisionByCookie : public DecisionFixture {
protected:
    DecisionByCookie()
    {
        auth_settings.access_cookie_name = "at";
        auth_settings.contract.access_cookie = true;
        auth_settings.origins = {"https://app.example"};
    }

    [[nodiscard]] Field csrf(std::string_view proof) const { return {"X-CSRF-Token", proof}; }

    const std::string value = "at=" + token("ann").substr(7);
    const std::string bearer = token("bob");
    const Field cookie{"Cookie", value};
    const Field own{"Origin", "http://client.example"}; // of the request itself
    const Field listed{"Origin", "https://app.example"};
    const Field foreign{"Origin", "https://evil.example"};
    const Field nobodys{"Origin", "null"};
    const Field cross{"Sec-Fetch-Site", "cross-site"};
    const Field same_site{"Sec-Fetch-Site", "same-site"};
    const Field same{"Sec-Fetch-Site", "same-origin"};
    const Field typed{"Sec-Fetch-Site", "none"};
};

TEST_F(DecisionByCookie, IsForOwnPagesWhereSomethingMayChange)
{
    struct Case {
        const char* method;
        std::vector<Field> fields;
        const char* expected;
    };

    const Case cases[] = {
        {"GET",     {cookie},                  "ok ann"          },
        {"GET",     {cookie, foreign},         "ok ann"          }, // CORS keeps the answer from it
        {"GET",     {cookie, cross},           "ok ann"          }, // a link from elsewhere
        {"HEAD",    {cookie, cross},           "ok ann"          },
        {"OPTIONS", {cookie, cross},           "ok ann"          },
        {"POST",    {cookie, own},             "ok ann"          },
        {"POST",    {cookie, listed},          "ok ann"          },
        {"POST",    {cookie, listed, cross},   "ok ann"          },
        {"POST",    {cookie, same},            "ok ann"          },
        {"POST",    {cookie, typed},           "ok ann"          },
        {"POST",    {cookie},                  "origin_forbidden"}, // who knows?
        {"POST",    {cookie, foreign},         "origin_forbidden"},
        {"POST",    {cookie, foreign, same},   "origin_forbidden"},
        {"POST",    {cookie, nobodys},         "origin_forbidden"},
        {"POST",    {cookie, {"Origin", ""}},  "origin_forbidden"},
        {"DELETE",  {cookie, listed, foreign}, "origin_forbidden"},
        {"PUT",     {cookie, cross},           "origin_forbidden"},
        {"PATCH",   {cookie, same_site},       "origin_forbidden"},
        {"POST",    {cookie, same, cross},     "origin_forbidden"}, // two of them say nothing
        {"PURGE",   {cookie, foreign},         "origin_forbidden"}, // unknown is not safe
        {"get",     {cookie, foreign},         "origin_forbidden"},
        {"POST",    {},                        "token_missing"   },
        {"POST",    {foreign},                 "token_missing"   },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.method);
        EXPECT_EQ(ask(c.method, "/required/x", c.fields), c.expected);
        const auto anyone = std::string_view(c.expected) == "token_missing" ? "ok" : c.expected;
        EXPECT_EQ(ask(c.method, "/optional/x", c.fields), anyone);
        EXPECT_EQ(ask(c.method, "/none/x", c.fields), "ok");
    }
}

TEST_F(DecisionByCookie, MayBeProvedByATokenOfTheSession)
{
    const auto& ring = *keeper->ring();
    const auto mine = auth::csrf_token_of(ring, session.to_string());
    const auto others = auth::csrf_token_of(ring, auth::Id128::random().to_string());
    EXPECT_EQ(ask("POST", "/required/x", {cookie, csrf(mine)}), "ok ann");
    EXPECT_EQ(ask("POST", "/required/x", {cookie, same_site, csrf(mine)}), "ok ann");
    EXPECT_EQ(ask("POST", "/required/x", {cookie, csrf(others)}), "origin_forbidden");
    EXPECT_EQ(ask("POST", "/required/x", {cookie, csrf("")}), "origin_forbidden");
    EXPECT_EQ(ask("POST", "/required/x", {cookie, csrf(mine), csrf(mine)}), "origin_forbidden");
    EXPECT_EQ(ask("POST", "/required/x", {cookie, foreign, csrf(mine)}), "origin_forbidden")
        << "what a browser says outright, no token outweighs";
    EXPECT_EQ(ask("POST", "/required/x", {cookie, cross, csrf(mine)}), "origin_forbidden");
}

TEST_F(DecisionByCookie, YieldsToABearer)
{
    const Field authorization{"Authorization", bearer};
    EXPECT_EQ(ask("GET", "/required/x", {cookie, authorization}), "ok bob");
    EXPECT_EQ(ask("POST", "/required/x", {cookie, authorization, foreign}), "ok bob")
        << "no browser adds that by itself";
    EXPECT_EQ(ask("GET", "/required/x",
                  {
                      cookie, {"Authorization", "Bearer x"}
    }),
              "token_invalid");
    EXPECT_EQ(ask("GET", "/required/x",
                  {
                      cookie, {"Authorization", "Basic x"}
    }),
              "ok ann");
}

TEST_F(DecisionByCookie, IsJudgedAsATokenIs)
{
    const auto old = "at=" + token("ann", {}, noon - 1s).substr(7);
    EXPECT_EQ(ask("POST", "/required/x",
                  {
                      {"Cookie", old},
                      own
    }),
              "token_expired");
    EXPECT_EQ(ask("GET", "/optional/x",
                  {
                      {"Cookie", "at=x"}
    }),
              "token_invalid");
    EXPECT_EQ(ask("GET", "/required/x",
                  {
                      {"Cookie", "at="}
    }),
              "token_missing");
    EXPECT_EQ(ask("GET", "/required/x",
                  {
                      cookie, {"Cookie", "at=x"}
    }),
              "token_invalid");
    EXPECT_EQ(ask("GET", "/admin/x", {cookie}), "forbidden");
}

TEST_F(DecisionByCookie, IsTakenWhereTheRouteOrTheContractSaysSo)
{
    auth_settings.contract.access_cookie = false;
    EXPECT_EQ(ask("GET", "/required/x", {cookie}), "token_missing") << "R37";
    auth_settings.session_cookies = true;
    routes[0].session_cookie = true;
    const Router changed(routes);
    const auto head = request("GET", "/required/x", {cookie});
    const DecisionRooms rooms{changed, authenticator, false, auth_settings};
    const auto admission = decide(rooms, head, noon, scratch);
    ASSERT_TRUE(admission);
    EXPECT_EQ(admission->principal->user_id, "ann");
    EXPECT_EQ(ask("GET", "/optional/x", {cookie}), "ok") << "a route that does not say so";
}

TEST_F(DecisionByCookie, CarriesCallsOfTheApiFromOwnPagesAlone)
{
    const DecisionRooms rooms{router, authenticator, false, auth_settings};
    const auto call = [&](std::vector<Field> fields) {
        const auto found = identify_bearer(rooms, {"GET", "api.example.com", fields}, noon);
        return found ? "ok" : std::string(to_string(found.error().code));
    };
    EXPECT_EQ(call({cookie}), "ok");
    EXPECT_EQ(call({cookie, listed}), "ok");
    EXPECT_EQ(call({cookie, same}), "ok");
    EXPECT_EQ(call({cookie, foreign}), "origin_forbidden");
    EXPECT_EQ(call({cookie, cross}), "origin_forbidden");
    EXPECT_EQ(call({
                  foreign, {"Authorization", bearer}
    }),
              "ok");
}

} // namespace
} // namespace gatehouse::gateway::test
