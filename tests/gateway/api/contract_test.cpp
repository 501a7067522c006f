// The auth API under contracts of other servers.
#include "auth/jose/base64url.hpp"
#include "tests/gateway/api/api_fixture.hpp"

#include <gmock/gmock.h>

namespace gatehouse::gateway::test {
namespace {

using config::Fill;

const std::string alice = R"({"username":"alice","password":"correct horse"})";

config::Settings of_express()
{
    auto settings = auth::quick_settings();
    auto& contract = settings.auth.contract;
    const config::Shape pair{
        {{"accessToken", Fill::access_token}, {"refreshToken", Fill::refresh_token}}
    };
    contract.registration.success = 200;
    contract.registration.answer = contract.login.answer = contract.refresh.answer = pair;
    contract.registration.invalid = 400;
    contract.registration.name_taken = 400;
    contract.login.invalid = 400;
    contract.login.unknown_user = 404;
    contract.refresh.missing_token = contract.refresh.bad_token = 401;
    contract.logout.bad_token = 401;
    return settings;
}

class ExpressContract : public ApiTest {
protected:
    ExpressContract() : ApiTest(of_express()) {}
};

TEST_F(ExpressContract, AnswersWithTheDrawnBodyAndStatus)
{
    const auto response = ask(post("/auth/register", alice));
    EXPECT_EQ(response.status, 200U);
    EXPECT_THAT(response.body,
                testing::MatchesRegex(R"(\{"accessToken":"eyJ[^"]*","refreshToken":"eyJ[^"]*"\})"));
    EXPECT_FALSE(response.user_id.empty()) << "the access log knows who it was";
}

TEST_F(ExpressContract, RefusesWithItsStatuses)
{
    const auto grant = house.joined("alice");
    const auto after = house.joined("bob");
    ASSERT_EQ(outcome(post("/auth/logout", refresh_body(after.refresh_token))), "204");
    const std::pair<Ask, const char*> asks[] = {
        {post("/auth/register", R"({"username":"a","password":"x"})"), "400 invalid_fields"},
        {post("/auth/register", alice), "400 name_taken"},
        {post("/auth/login", R"({"username":"alice"})"), "400 invalid_fields"},
        {post("/auth/login", R"({"username":"alice","password":"not this"})"),
         "401 invalid_credentials"},
        {post("/auth/login", R"({"username":"nobody","password":"not this"})"), "404 not_found"},
        {post("/auth/refresh-token"), "401 bad_request"},
        {post("/auth/refresh-token", R"({"refreshToken":"x"})"), "401 refresh_token_invalid"},
        {post("/auth/refresh-token", refresh_body(after.refresh_token)),
         "401 refresh_token_revoked"},
        {post("/auth/logout", R"({"refreshToken":"x"})"), "401 refresh_token_invalid"},
        {post("/auth/logout"), "400 bad_request"},
        {post("/auth/refresh-token", refresh_body(grant.refresh_token)), "200"},
    };
    for (const auto& [asked, expected] : asks) {
        SCOPED_TRACE(asked.path + " " + asked.body);
        EXPECT_EQ(outcome(asked), expected);
    }
}

config::Settings of_react()
{
    auto settings = auth::quick_settings();
    auto& contract = settings.auth.contract;
    settings.auth.delivery = config::Delivery::cookie;
    contract.members = {.username = "user", .password = "pwd"};
    contract.cookie = {.same_site = config::SameSite::none, .path = "/"};
    contract.numeric_roles = true;
    contract.claims = {
        {{"UserInfo", config::Shape{{{"username", Fill::username}, {"roles", Fill::roles}}}}}};
    contract.registration.at = {"POST /register"};
    contract.registration.roles = {"2001", "editor", "007"};
    contract.login.at = {"POST /auth", "PUT /auth"};
    contract.login.answer = {
        {{"roles", Fill::roles}, {"accessToken", Fill::access_token}}
    };
    contract.refresh.at = {"GET /refresh"};
    contract.logout.at = {"GET /logout"};
    contract.logout.missing_token = 204;
    contract.logout.bad_token = 200;
    contract.me.answer = {
        {{"_id", Fill::id}, {"name", Fill::username}, {"role", Fill::role}}
    };
    return settings;
}

class ReactContract : public ApiTest {
protected:
    ReactContract() : ApiTest(of_react()) {}

    [[nodiscard]] Ask refresh_with(const LocalResponse& signed_in) const
    {
        const auto cookie = field(signed_in, "Set-Cookie");
        return get("/refresh").with("Cookie", cookie.substr(0, cookie.find(';')));
    }

    const std::string ann = R"({"user":"ann","pwd":"correct horse"})";
};

TEST_F(ReactContract, MovesItsCallsAndLeavesTheOthers)
{
    EXPECT_EQ(outcome(post("/register", ann)), "201");
    EXPECT_EQ(outcome(post("/auth", ann)), "200");
    const std::pair<Ask, const char*> asks[] = {
        {post("/auth/login", ann), "404 not_found"},
        {post("/auth/register", ann), "404 not_found"},
        {post("/refresh"), "405 method_not_allowed"},
        {{"HEAD", "/refresh", "", {}}, "405 method_not_allowed"},
        {get("/auth"), "405 method_not_allowed"},
        {get("/auth/me"), "401 token_missing"},
        {get("/auth/sessions"), "401 token_missing"},
    };
    for (const auto& [asked, expected] : asks) {
        SCOPED_TRACE(asked.method + " " + asked.path);
        EXPECT_EQ(outcome(asked), expected);
    }
    EXPECT_EQ(ask(get("/auth")).refusal->allow, "POST, PUT");
}

TEST_F(ReactContract, SpeaksOfFieldsUnderTheClientsNames)
{
    const auto response = ask(post("/register", R"({"username":"ann","pwd":"x"})"));
    ASSERT_EQ(outcome_of(response), "422 invalid_fields");
    ASSERT_EQ(response.refusal->fields.size(), 2U);
    EXPECT_EQ(response.refusal->fields[0].name, "user") << "`username` means nothing here";
    EXPECT_EQ(response.refusal->fields[1].name, "pwd");
}

TEST_F(ReactContract, GivesRolesAndClaims)
{
    (void)ask(post("/register", ann));
    const auto response = ask(post("/auth", ann));
    const std::string roles = R"("roles":[2001,"editor","007"])";
    EXPECT_THAT(response.body, testing::StartsWith("{" + roles + R"(,"accessToken":"eyJ)"));

    const auto token = response.body.substr(response.body.find("eyJ"));
    const auto payload = token.substr(token.find('.') + 1);
    const auto claims = auth::jose::decode_base64url(payload.substr(0, payload.find('.')));
    ASSERT_TRUE(claims);
    EXPECT_THAT(*claims, testing::EndsWith(R"("roles":["2001","editor","007"],"UserInfo":{)"
                                           R"("username":"ann",)" +
                                           roles + "}}"));
    const auto me =
        ask(get("/auth/me").with("Authorization", "Bearer " + token.substr(0, token.find('"'))));
    EXPECT_THAT(me.body, testing::MatchesRegex(R"(\{"_id":"[^"]*","name":"ann","role":2001\})"));
}

TEST_F(ReactContract, SetsAndClearsItsCookieWithTheSameAttributes)
{
    const auto joined = ask(post("/register", ann));
    const std::string attributes = "; HttpOnly; Secure; SameSite=None; Path=/; Max-Age=";
    EXPECT_THAT(field(joined, "Set-Cookie"), testing::HasSubstr(attributes));
    const auto refreshed = ask(refresh_with(joined));
    ASSERT_EQ(outcome_of(refreshed), "200");

    auto out = refresh_with(refreshed);
    out.path = "/logout";
    const auto left = ask(out);
    EXPECT_EQ(outcome_of(left), "204");
    EXPECT_EQ(field(left, "Set-Cookie"), "refresh_token=" + attributes + "0");
}

TEST_F(ReactContract, CallsALogoutOfNothingDone)
{
    EXPECT_EQ(outcome(get("/logout")), "204");
    const auto forged = ask(get("/logout").with("Cookie", "refresh_token=x.y.z"));
    EXPECT_EQ(outcome_of(forged), "200");
    EXPECT_THAT(field(forged, "Set-Cookie"), testing::HasSubstr("Max-Age=0"));
    EXPECT_EQ(outcome(get("/logout").with("Authorization", "Bearer x")), "401 token_invalid")
        << "a bad bearer is no missing token";
}

TEST_F(ReactContract, LetsNoForeignPageUseTheCookie)
{
    const auto joined = ask(post("/register", ann));
    const auto refresh = refresh_with(joined);
    for (const auto* path : {"/refresh", "/logout"}) {
        SCOPED_TRACE(path);
        auto asked = refresh;
        asked.path = path;
        EXPECT_EQ(outcome(asked.with("Origin", "https://evil.example")), "403 origin_forbidden");
        EXPECT_EQ(outcome(asked.with("Sec-Fetch-Site", "cross-site")), "403 origin_forbidden");
    }
    EXPECT_EQ(outcome(refresh.with("Origin", "http://api.example.com")), "200");
}

config::Settings of_store()
{
    auto settings = of_react();
    settings.auth.access_cookie_name = "accessToken";
    settings.auth.contract.access_cookie = true;
    settings.auth.contract.me.at = {"GET /profile"};
    return settings;
}

class StoreContract : public ApiTest {
protected:
    StoreContract() : ApiTest(of_store()) {}

    [[nodiscard]] static std::vector<std::string> cookies(const LocalResponse& response)
    {
        std::vector<std::string> all;
        for (const auto& [name, value] : response.fields) {
            if (name == "Set-Cookie") all.push_back(value);
        }
        return all;
    }

    const LocalResponse joined = ask(post("/register", R"({"user":"ann","pwd":"correct horse"})"));
};

TEST_F(StoreContract, CarriesTheAccessTokenInACookieToo)
{
    ASSERT_EQ(cookies(joined).size(), 3U);
    const auto access = cookies(joined)[1];
    EXPECT_THAT(access, testing::MatchesRegex("accessToken=eyJ[^;]*; HttpOnly; Secure; "
                                              "SameSite=None; Path=/; Max-Age=3600"));
    const auto mine = get("/profile").with("Cookie", access.substr(0, access.find(';')));
    EXPECT_EQ(outcome(mine), "200");
    EXPECT_EQ(outcome(mine.with("Origin", "https://evil.example")), "403 origin_forbidden");
    EXPECT_EQ(outcome(mine.with("Authorization", "Bearer x")), "401 token_invalid")
        << "the bearer decides";
    EXPECT_THAT(cookies(joined)[2], testing::MatchesRegex("csrf_token=[-_A-Za-z0-9]{43}; Secure; "
                                                          "SameSite=None; Path=/; Max-Age=[0-9]+"))
        << "readable by scripts";
}

TEST_F(StoreContract, EndsBothCookiesWithTheSession)
{
    auto out = get("/logout");
    for (const auto& cookie : cookies(joined)) {
        out = out.with("Cookie", cookie.substr(0, cookie.find(';')));
    }
    EXPECT_EQ(outcome(out.with("Sec-Fetch-Site", "cross-site")), "403 origin_forbidden");
    const auto left = ask(out);
    ASSERT_EQ(outcome_of(left), "204");
    ASSERT_EQ(cookies(left).size(), 3U);
    EXPECT_THAT(cookies(left)[0], testing::StartsWith("refresh_token=; "));
    EXPECT_THAT(cookies(left)[1], testing::StartsWith("accessToken=; "));
    EXPECT_THAT(cookies(left)[2], testing::StartsWith("csrf_token=; "));
}

TEST_F(StoreContract, LetsNoForeignPageLogOutByTheAccessCookieAlone)
{
    const auto access = cookies(joined)[1];
    const auto out = get("/logout").with("Cookie", access.substr(0, access.find(';')));
    EXPECT_EQ(outcome(out.with("Origin", "https://evil.example")), "403 origin_forbidden");
    const auto left = ask(out);
    EXPECT_EQ(outcome_of(left), "204");
    ASSERT_EQ(cookies(left).size(), 3U) << "the session is over, whichever cookie named it";
    EXPECT_THAT(cookies(left)[1], testing::StartsWith("accessToken=; "));
}

config::Settings of_forms()
{
    auto settings = of_react();
    settings.auth.contract.form_bodies = true;
    return settings;
}

class FormContract : public ApiTest {
protected:
    FormContract() : ApiTest(of_forms()) {}

    [[nodiscard]] static Ask form(std::string path, std::string body)
    {
        return Ask{"POST", std::move(path), std::move(body), {}}.with(
            "Content-Type", "application/x-www-form-urlencoded;charset=UTF-8");
    }
};

TEST_F(FormContract, TakesFormsBesideJson)
{
    EXPECT_EQ(outcome(form("/register", "user=ann&pwd=correct+horse&extra=1")), "201");
    EXPECT_EQ(outcome(form("/auth", "user=ann&pwd=correct+horse")), "200");
    EXPECT_EQ(outcome(form("/auth", "user=ann&pwd=correct%20horse&delivery=both")), "200");
    EXPECT_EQ(outcome(post("/auth", R"({"user":"ann","pwd":"correct horse"})")), "200");
    const std::pair<Ask, const char*> asks[] = {
        {form("/auth", "user=ann&pwd=wrong+horse"),                 "401 invalid_credentials"},
        {form("/auth", "user=ann&user=bob&pwd=correct+horse"),      "400 bad_request"        },
        {form("/auth", "user=ann&pwd=%zz"),                         "400 bad_request"        },
        {form("/auth", ""),                                         "422 invalid_fields"     },
        {form("/auth", R"({"user":"ann","pwd":"correct horse"})"),  "400 bad_request"        },
        {form("/auth", "user=ann&pwd=correct+horse&delivery=mail"), "400 bad_request"        },
        {post("/auth", "user=ann&pwd=correct+horse"),               "400 malformed_json"     },
    };
    for (const auto& [asked, expected] : asks) {
        SCOPED_TRACE(asked.body);
        EXPECT_EQ(outcome(asked), expected);
    }
    EXPECT_THAT(ask(form("/auth", "user=ann&pwd=%zz")).refusal->message,
                testing::HasSubstr("bad escape"));
}

TEST_F(FormContract, LetsNoForeignPageSignItsVisitorsIn)
{
    ASSERT_EQ(outcome(form("/register", "user=ann&pwd=correct+horse")), "201");
    const auto login = form("/auth", "user=ann&pwd=correct+horse");
    EXPECT_EQ(outcome(login.with("Origin", "https://evil.example")), "403 origin_forbidden");
    EXPECT_EQ(outcome(login.with("Origin", "null")), "403 origin_forbidden");
    EXPECT_EQ(outcome(login.with("Sec-Fetch-Site", "cross-site")), "403 origin_forbidden");
    EXPECT_EQ(outcome(login.with("Origin", "http://api.example.com")), "200");
    EXPECT_EQ(outcome(login.with("Sec-Fetch-Site", "same-origin")), "200");
    EXPECT_EQ(
        outcome(
            form("/register", "user=bob&pwd=correct+horse").with("Origin", "https://evil.example")),
        "403 origin_forbidden");
}

TEST_F(ReactContract, IgnoresMembersItDoesNotKnow)
{
    const auto joined = ask(post("/register", R"({"user":"ann","pwd":"correct horse",
        "confirmPwd":"correct horse","roles":["admin"],"role":"admin","_id":"1","age":7,
        "address":{"city":"Bonn"},"tags":[1],"username":5,"password":null})"));
    EXPECT_EQ(outcome_of(joined), "201") << joined.body;
    const auto login =
        ask(post("/auth", R"({"user":"ann","pwd":"correct horse","remember":true})"));
    EXPECT_THAT(login.body, testing::HasSubstr(R"("roles":[2001,"editor","007"])")) << "R59";
}

TEST_F(ReactContract, TakesNoFormsUnlessItSaysSo)
{
    auto form = post("/auth", "user=ann&pwd=correct+horse");
    form.fields = {
        {"Content-Type", "application/x-www-form-urlencoded"}
    };
    EXPECT_EQ(outcome(form), "415 unsupported_media_type");
}

TEST_F(ApiTest, TellsNoNamesApartWithoutAContractThatSaysSo)
{
    (void)house.joined("alice");
    EXPECT_EQ(outcome(post("/auth/login", R"({"username":"alice","password":"not this"})")),
              outcome(post("/auth/login", R"({"username":"nobody","password":"not this"})")));
}

} // namespace
} // namespace gatehouse::gateway::test
