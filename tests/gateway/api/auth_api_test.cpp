#include "auth/json/reader.hpp"
#include "tests/gateway/api/api_fixture.hpp"

#include <gmock/gmock.h>

namespace gatehouse::gateway::test {
namespace {

using auth::json::Value;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string alice = R"({"username":"alice","password":"correct horse"})";

[[nodiscard]] Value parsed(const std::string& text)
{
    auto value = auth::json::read(text);
    EXPECT_TRUE(value) << text;
    return value ? *std::move(value) : Value();
}

TEST_F(ApiTest, TheDocumentSaysWhereTheApiIsAndWhatItsCookieIsCalled)
{
    const auto asked = get("/auth/openapi.json");
    house.settings.auth.prefix = "/api/auth"; // where it is asked was settled before
    house.settings.auth.cookie_name = "rt";
    const auto document = auth::json::read(ask(asked).body, {64});
    ASSERT_TRUE(document);
    EXPECT_EQ(*document->find("servers")->array()->at(0).find_string("url"), "/api/auth");
    const auto* schemes = document->find("components")->find("securitySchemes");
    EXPECT_EQ(*schemes->find("refreshCookie")->find_string("name"), "rt");
}

// DESIGN 2: the pair
TEST_F(ApiTest, RegisteringAndLoggingInAnswersAPair)
{
    for (const auto& [path, status] : {
             std::pair("/auth/register", 201U), {"/auth/login", 200U}
    }) {
        SCOPED_TRACE(path);
        const auto response = ask(post(path, alice));
        ASSERT_EQ(outcome_of(response), std::to_string(status));
        EXPECT_EQ(field(response, "Cache-Control"), "no-store"); // R58
        EXPECT_EQ(field(response, "Content-Type"), "application/json");
        EXPECT_EQ(field(response, "Set-Cookie"), "");
        const auto pair = parsed(response.body);
        EXPECT_EQ(pair.object()->size(), 5U) << response.body;
        EXPECT_EQ(*pair.find_string("tokenType"), "Bearer");
        EXPECT_EQ(pair.find_integer("expiresIn"), 3600);
        ASSERT_NE(pair.find_string("refreshToken"), nullptr);
        EXPECT_EQ(*pair.find("user")->find_string("username"), "alice");
        EXPECT_TRUE(pair.find("user")->find("email")->is_null()) << "absent names are null";
        EXPECT_EQ(*pair.find("user")->find_string("id"), response.user_id);
        EXPECT_TRUE(house.identify(Secret(*pair.find_string("accessToken"))));
    }
}

TEST_F(ApiTest, KnowsItsPathsAndTheirMethods)
{
    struct Case {
        std::string method;
        std::string path;
        std::string outcome;
        std::string allow;
    };

    const Case cases[] = {
        {"GET",    "/auth/login",            "405 method_not_allowed", "POST"                    },
        {"post",   "/auth/login",            "405 method_not_allowed", "POST"                    },
        {"PUT",    "/auth/logout",           "405 method_not_allowed", "POST, DELETE"            },
        {"POST",   "/auth/me",               "405 method_not_allowed", "GET, HEAD, PATCH, DELETE"},
        {"POST",   "/auth/me/export",        "405 method_not_allowed", "GET, HEAD"               },
        {"HEAD",   "/auth/me",               "401 token_missing",      ""                        },
        {"GET",    "/auth/sessions/x",       "405 method_not_allowed", "DELETE"                  },
        {"DELETE", "/auth/sessions",         "405 method_not_allowed", "GET, HEAD"               },
        {"POST",   "/.well-known/jwks.json", "405 method_not_allowed", "GET, HEAD"               },
        {"POST",   "/auth/Login",            "404 not_found",          ""                        },
        {"POST",   "/auth/login/",           "404 not_found",          ""                        },
        {"POST",   "/auth",                  "404 not_found",          ""                        },
        {"POST",   "/auth/password/forgot",  "501 not_configured",     ""                        },
        {"GET",    "/auth/openapi.yaml",     "404 not_found",          ""                        },
        {"GET",    "/auth/passkeys",         "401 token_missing",      ""                        },
        {"POST",   "/auth/passkeys",         "405 method_not_allowed", "GET, HEAD"               },
        {"GET",    "/auth/passkeys/x",       "405 method_not_allowed", "PATCH, DELETE"           },
        {"GET",    "/auth/passkeys/x/y",     "404 not_found",          ""                        },
        {"DELETE", "/auth/sessions/",        "404 not_found",          ""                        },
        {"DELETE", "/auth/sessions/a/b",     "404 not_found",          ""                        },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.method + ' ' + c.path);
        const auto response = ask({c.method, c.path, "", {}});
        EXPECT_EQ(outcome_of(response), c.outcome);
        EXPECT_EQ(response.refusal->allow, c.allow);
    }
}

// R56, R59
TEST_F(ApiTest, ReadsBodiesStrictly)
{
    const auto with_type = [](std::string body, std::string type) {
        return Ask{"POST", "/auth/login", std::move(body), {{"Content-Type", std::move(type)}}};
    };

    const std::tuple<const char*, Ask, const char*> cases[] = {
        {"nothing wrong but the name", post("/auth/login", alice), "401 invalid_credentials"},
        {"a charset", with_type(alice, "Application/JSON; charset=utf-8"),
         "401 invalid_credentials"},
        {"no content type", {"POST", "/auth/login", alice, {}}, "415 unsupported_media_type"},
        {"a form", with_type(alice, "application/x-www-form-urlencoded"),
         "415 unsupported_media_type"},
        {"plain text, as forms of other sites can send", with_type(alice, "text/plain"),
         "415 unsupported_media_type"},
        {"another kind of JSON", with_type(alice, "application/json-patch+json"),
         "415 unsupported_media_type"},
        {"two content types",
         with_type(alice, "application/json").with("Content-Type", "text/plain"),
         "415 unsupported_media_type"},
        {"an empty body", with_type("", "application/json"), "400 malformed_json"},
        {"half a body", post("/auth/login", R"({"username":)"), "400 malformed_json"},
        {"a list", post("/auth/login", "[]"), "400 bad_request"},
        {"a member twice", post("/auth/login", R"({"username":"a","username":"b","password":"x"})"),
         "400 malformed_json"},
        {"a member that is no string",
         post("/auth/login", R"({"username":{"$ne":1},"password":"x"})"), "400 bad_request"},
        {"a password that is a number", post("/auth/login", R"({"username":"a","password":1})"),
         "400 bad_request"},
        {"an unknown delivery",
         post("/auth/login", R"({"username":"a","password":"x","delivery":"mail"})"),
         "400 bad_request"},
        {"nothing in it", post("/auth/login", "{}"), "422 invalid_fields"},
        {"unknown members",
         post("/auth/login",
         R"({"username":"a","password":"correct","id":"root","roles":["admin"]})"),
         "401 invalid_credentials"},
        {"a bearer nobody asked for",
         post("/auth/login", alice).with("Authorization", "Bearer expired"),
         "401 invalid_credentials"},
    };
    for (const auto& [name, asked, expected] : cases) {
        SCOPED_TRACE(name);
        EXPECT_EQ(outcome(asked), expected);
    }
}

TEST_F(ApiTest, TellsAllFieldProblemsAtOnce)
{
    const auto response =
        ask(post("/auth/register", R"({"username":"a@b","email":"nobody","password":"x\u0000"})"));
    ASSERT_EQ(outcome_of(response), "422 invalid_fields");
    std::vector<std::string> names;
    for (const auto& each : response.refusal->fields) names.push_back(each.name);
    EXPECT_THAT(names, ::testing::UnorderedElementsAre("username", "email", "password"));
}

// R59: nobody registers as somebody or something
TEST_F(ApiTest, IgnoresMembersThatAreNotForTheCaller)
{
    const auto response =
        ask(post("/auth/register", R"({"username":"eve","password":"correct horse",
        "id":"root","roles":["admin"],"created":1,"blocked":false})"));
    ASSERT_EQ(outcome_of(response), "201");
    const auto pair = parsed(response.body);
    EXPECT_NE(*pair.find("user")->find_string("id"), "root");
    const auto principal = house.identify(Secret(*pair.find_string("accessToken")));
    ASSERT_TRUE(principal);
    EXPECT_TRUE(principal->roles.empty());
}

// R37, R38
TEST_F(ApiTest, AsksForABearerWhereOneIsNeeded)
{
    const auto grant = house.joined("alice");
    const auto refresh = std::string(grant.refresh_token.reveal());
    for (const auto& each : {
             get("/auth/me"), get("/auth/sessions"), Ask{"DELETE", "/auth/sessions/x", "", {}},
             post("/auth/logout-all"), post("/auth/logout-others"),
             post("/auth/password/change", R"({"currentPassword":"a","newPassword":"b"})"),
             get("/auth/verify")
    }) {
        SCOPED_TRACE(each.method + ' ' + each.path);
        EXPECT_EQ(outcome(each), "401 token_missing");
        EXPECT_EQ(outcome(each.with_cookie(grant.refresh_token)), "401 token_missing");
        EXPECT_EQ(outcome(each.with("Authorization", "Bearer x")), "401 token_invalid");
        EXPECT_EQ(outcome(each.with("Authorization", "Bearer " + refresh)), "401 token_invalid");
        EXPECT_EQ(outcome(each.bearing(grant.access_token).bearing(grant.access_token)),
                  "401 token_invalid");
    }
    EXPECT_EQ(outcome(get("/auth/me").bearing(grant.access_token)), "200");
    house.clock.advance(1h);
    EXPECT_EQ(outcome(get("/auth/me").bearing(grant.access_token)), "401 token_expired");
}

TEST_F(ApiTest, ShowsTheOwnAccountAndSessions)
{
    const auto grant = house.joined("alice");
    const auto other = house.logged_in("alice");
    (void)house.joined("bob");

    const auto me = parsed(ask(get("/auth/me").bearing(grant.access_token)).body);
    EXPECT_EQ(*me.find_string("id"), grant.user.id);
    EXPECT_EQ(*me.find_string("username"), "alice");

    const auto response = ask(get("/auth/sessions").bearing(grant.access_token));
    EXPECT_THAT(response.body, Not(HasSubstr("eyJ"))) << "R47: no token in it";
    const auto list = parsed(response.body);
    ASSERT_EQ(list.array()->size(), 2U);
    for (const auto& session : *list.array()) {
        EXPECT_EQ(*session.find("current")->boolean(),
                  *session.find_string("id") == grant.session_id);
    }
    const auto end = Ask{"DELETE", "/auth/sessions/" + other.session_id, "", {}};
    EXPECT_EQ(outcome(end.bearing(grant.access_token)), "204");
    EXPECT_EQ(outcome(end.bearing(grant.access_token)), "404 not_found");
    EXPECT_EQ(outcome(get("/auth/me").bearing(other.access_token)), "401 token_revoked");
}

// R47
TEST_F(ApiTest, EndsNobodyElsesSession)
{
    const auto grant = house.joined("alice");
    const auto bob = house.joined("bob");
    EXPECT_EQ(outcome(Ask{"DELETE", "/auth/sessions/" + bob.session_id, "", {}}.bearing(
                  grant.access_token)),
              "404 not_found");
    EXPECT_EQ(outcome(get("/auth/me").bearing(bob.access_token)), "200");
}

TEST_F(ApiTest, AWrongCurrentPasswordIsNoReasonToRefresh)
{
    const auto grant = house.joined("alice");
    const auto change = [&](const std::string& current) {
        return post("/auth/password/change",
                    R"({"currentPassword":")" + current + R"(","newPassword":"battery staple"})")
            .bearing(grant.access_token);
    };
    EXPECT_EQ(outcome(change("wrong horse")), "403 invalid_credentials");
    EXPECT_EQ(outcome(change("correct horse")), "204");
    EXPECT_TRUE(house.login("alice", "battery staple"));
}

// R39
TEST_F(ApiTest, PublishesItsKeys)
{
    const auto response = ask(get("/.well-known/jwks.json"));
    EXPECT_EQ(field(response, "Cache-Control"), "max-age=600");
    const auto jwks = parsed(response.body);
    ASSERT_NE(jwks.find("keys"), nullptr);
    EXPECT_EQ(jwks.find("keys")->array()->size(), 2U);
}

// R63
TEST_F(ApiTest, AnswersForAStoreThatIsDown)
{
    const auto grant = house.joined("alice");
    house.store.down = true;
    EXPECT_EQ(outcome(post("/auth/login", alice)), "503 store_unavailable");
    EXPECT_EQ(outcome(post("/auth/refresh-token", refresh_body(grant.refresh_token))),
              "503 store_unavailable");
    EXPECT_EQ(outcome(get("/auth/verify").bearing(grant.access_token)), "200")
        << "verified traffic flows";
    house.store.down = false;
    EXPECT_EQ(outcome(post("/auth/refresh-token", refresh_body(grant.refresh_token))), "200");
}

} // namespace
} // namespace gatehouse::gateway::test
