#include "auth/json/reader.hpp"
#include "gateway/admin/admin_api.hpp"
#include "tests/gateway/admin/admin_fixture.hpp"

#include <gmock/gmock.h>

namespace gatehouse::gateway {
namespace {

using test::AdminTest;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

std::string text(const auth::json::Value& value, std::string_view name)
{
    const auto* found = value.find_string(name);
    return found == nullptr ? "(none)" : *found;
}

TEST_F(AdminTest, TellsHowTheGatewayIsDoing)
{
    house.clock.advance(std::chrono::seconds(90));
    const auto status = json(ask(call("GET", "/admin/v1/status")));
    EXPECT_EQ(status.find_integer("uptimeSeconds"), 90);
    EXPECT_EQ(text(*status.find("store"), "kind"),
              house.settings.store.substr(0, house.settings.store.find(':')));
    EXPECT_EQ(status.find("listeners")->array()->size(), 1U);
}

TEST_F(AdminTest, TellsHowEndpointsDo)
{
    const auto answer = json(ask(call("GET", "/admin/v1/upstreams")));
    const auto& upstream = answer.find("upstreams")->array()->front();
    const auto& endpoint = upstream.find("endpoints")->array()->front();
    EXPECT_EQ(endpoint.find_integer("requests"), 5);
    EXPECT_EQ(endpoint.find_integer("weight"), 1);
    EXPECT_EQ(endpoint.find_integer("inFlight"), 2);
    EXPECT_EQ(endpoint.find_integer("failures"), 1);
    EXPECT_EQ(text(endpoint, "lastError"), "upstream_reset");
    EXPECT_EQ(text(endpoint, "lastFailedAt"), "2027-01-15T08:00:00Z");
}

struct ManyRoutes : AdminTest {
    ManyRoutes() : AdminTest(many()) {}

    static config::Settings many()
    {
        auto settings = with_token(auth::quick_settings());
        settings.routes.clear();
        for (const auto* match : {"/**", "/a/**", "/a/*", "/a/b"}) {
            config::RouteSettings route;
            route.match = match;
            route.to = "http://127.0.0.1:9";
            settings.routes.push_back(route);
        }
        settings.routes.push_back(settings.routes.front());
        settings.routes.back().host = "api.example.com";
        return settings;
    }
};

TEST_F(ManyRoutes, StandInTheOrderInWhichTheyAreAsked)
{
    const auto answer = json(ask(call("GET", "/admin/v1/routes")));
    std::vector<std::string> order;
    for (const auto& route : *answer.find("routes")->array()) {
        order.push_back(text(route, "host") + text(route, "match"));
    }
    EXPECT_THAT(order, ElementsAre("api.example.com/**", "/a/b", "/a/*", "/a/**", "/**"));
}

TEST_F(AdminTest, BlockingEndsWhatLivesBeforeTheAnswer)
{
    const auto ada = house.joined("ada");
    ASSERT_TRUE(house.identify(ada.access_token));
    (void)house.log.take();
    const auto user = json(ask(call("POST", "/admin/v1/users/ada/block")));
    EXPECT_EQ(user.find("blocked")->boolean(), true);
    EXPECT_FALSE(house.identify(ada.access_token));
    EXPECT_THAT(house.log.take(), ElementsAre("user_block ok"));
    const auto records = house.store.read_audit({.event = "user_block"}, {}, 10);
    ASSERT_EQ(records->size(), 1U);
    EXPECT_EQ(records->front().detail, "admin API");
    EXPECT_EQ(records->front().request_id, "request-7");
    EXPECT_EQ(records->front().address, "127.0.0.1");

    EXPECT_EQ(outcome(ask(call("POST", "/admin/v1/users/ada/unblock"))), "200");
    EXPECT_FALSE(house.identify(ada.access_token)) << "unblocking revived a session";
    EXPECT_TRUE(house.login("ada"));
}

TEST_F(AdminTest, SessionsAreListedAndEnded)
{
    const auto first = house.joined("ada");
    const auto second = house.logged_in("ada");
    const auto list = json(ask(call("GET", "/admin/v1/users/ada/sessions")));
    EXPECT_EQ(list.find("sessions")->array()->size(), 2U);
    const auto short_list = json(ask(call("GET", "/admin/v1/users/ada/sessions"), "limit=1"));
    EXPECT_EQ(short_list.find("sessions")->array()->size(), 1U);
    EXPECT_EQ(short_list.find("complete")->boolean(), false);

    const auto one = call("DELETE", "/admin/v1/sessions/" + first.session_id);
    EXPECT_EQ(outcome(ask(one)), "204");
    EXPECT_FALSE(house.identify(first.access_token));
    EXPECT_TRUE(house.identify(second.access_token));
    EXPECT_EQ(outcome(ask(one)), "404 not_found");

    const auto ended = json(ask(call("DELETE", "/admin/v1/users/ada/sessions")));
    EXPECT_EQ(ended.find_integer("ended"), 1);
    EXPECT_FALSE(house.identify(second.access_token));
}

TEST_F(AdminTest, APIKeysAreListedAndRevokedBeforeTheAnswer)
{
    house.joined("ada");
    const auto key = house.api_key("ada");
    ASSERT_TRUE(house.identify(key.text));
    for (const auto* path : {"/admin/v1/api-keys", "/admin/v1/users/ada/api-keys"}) {
        const auto list = json(ask(call("GET", path)));
        ASSERT_EQ(list.find("apiKeys")->array()->size(), 1U) << path;
        EXPECT_EQ(text(list.find("apiKeys")->array()->front(), "id"), key.key.id);
    }
    EXPECT_EQ(outcome(ask(call("DELETE", "/admin/v1/api-keys/" + key.key.id))), "204");
    EXPECT_FALSE(house.identify(key.text));
    EXPECT_EQ(outcome(ask(call("DELETE", "/admin/v1/api-keys/" + key.key.id))), "404 not_found");
    EXPECT_EQ(outcome(ask(call("DELETE", "/admin/v1/api-keys/nothing"))), "404 not_found");
}

TEST_F(AdminTest, TheKeysOfAUserComeInPagesTheOldestFirst)
{
    house.joined("ada");
    house.joined("bob");
    std::vector<std::string> made;
    for (int i = 0; i < 5; ++i) {
        house.clock.advance(std::chrono::seconds{1});
        made.push_back(house.api_key("ada").key.id);
        house.api_key("bob");
    }
    const auto path = call("GET", "/admin/v1/users/ada/api-keys");
    std::vector<std::string> told;
    std::string next;
    for (int page = 0; page < 3; ++page) {
        const auto list = json(ask(path, "limit=2" + (next.empty() ? "" : "&after=" + next)));
        for (const auto& key : *list.find("apiKeys")->array()) told.push_back(text(key, "id"));
        next = page < 2 ? text(list, "next") : "";
        if (page == 2) EXPECT_TRUE(list.find("next")->is_null());
    }
    EXPECT_EQ(told, made);
    const auto of_bob = house.api_key("bob").key.id;
    for (const auto& nobody : {of_bob, std::string("nothing")}) {
        EXPECT_EQ(outcome(ask(path, "after=" + nobody)), "404 not_found");
    }
}

TEST_F(AdminTest, UsersComeInPages)
{
    for (const auto* name : {"ada", "bob", "eve"}) house.joined(name);
    const auto first = json(ask(call("GET", "/admin/v1/users"), "limit=2"));
    EXPECT_EQ(first.find("users")->array()->size(), 2U);
    const auto next = text(first, "next");
    const auto rest = json(ask(call("GET", "/admin/v1/users"), "limit=2&after=" + next));
    EXPECT_EQ(rest.find("users")->array()->size(), 1U);
    EXPECT_TRUE(rest.find("next")->is_null());
    for (const auto* limit : {"limit=0", "limit=501", "limit=-1", "limit=x", "limit=1x"}) {
        EXPECT_EQ(outcome(ask(call("GET", "/admin/v1/users"), limit)), "422 invalid_fields");
    }
}

TEST_F(AdminTest, UsersAreFoundByWhatTheyAreCalled)
{
    const auto ada = house.joined("ada");
    for (const auto& who :
         {std::string("ada"), std::string("ADA"), ada.user.id, std::string("%61da")}) {
        EXPECT_EQ(text(json(ask(call("GET", "/admin/v1/users/" + who))), "id"), ada.user.id);
    }
    EXPECT_EQ(outcome(ask(call("GET", "/admin/v1/users/nobody"))), "404 not_found");
}

TEST_F(AdminTest, TheAuditComesInPages)
{
    house.joined("ada");
    for (int i = 0; i < 3; ++i) (void)ask(call("POST", "/admin/v1/users/ada/block"));
    const auto asked = call("GET", "/admin/v1/audit");
    const auto first = json(ask(asked, "event=user_block&limit=2"));
    EXPECT_EQ(first.find("records")->array()->size(), 2U);
    const auto next = text(first, "next");
    const auto rest = json(ask(asked, "event=user_block&limit=2&before=" + next));
    EXPECT_EQ(rest.find("records")->array()->size(), 1U);
    EXPECT_EQ(outcome(ask(asked, "before=x")), "422 invalid_fields");
    EXPECT_EQ(outcome(ask(asked, "since=yesterday")), "422 invalid_fields");
    EXPECT_EQ(outcome(ask(asked, "user=nobody")), "200");
}

TEST_F(AdminTest, KeysAreRotatedAndHandedOut)
{
    const auto before = json(ask(call("GET", "/admin/v1/keys"))).find("keys")->array()->size();
    house.clock.advance(std::chrono::hours(1));
    EXPECT_EQ(outcome(ask(call("POST", "/admin/v1/keys/rotate"))), "200");
    EXPECT_EQ(keys_handed_out, 1);
    EXPECT_GT(json(ask(call("GET", "/admin/v1/keys"))).find("keys")->array()->size(), before);
    EXPECT_THAT(house.log.take(), Contains("key_rotate ok"));
}

TEST_F(AdminTest, QuitsByEitherName)
{
    for (const auto* path : {"/quit", "/admin/v1/quit"}) {
        EXPECT_EQ(outcome(ask(call("POST", path))), "202");
        EXPECT_EQ(outcome(ask(call("GET", path))), "405 method_not_allowed");
    }
    EXPECT_EQ(quits, 2);
    EXPECT_THAT(house.log.take(), Contains("admin_act ok"));
}

TEST_F(AdminTest, SocketsArePassedOverAUnixSocketAlone)
{
    const auto asked = call("POST", "/admin/v1/hand-over");
    EXPECT_EQ(outcome(ask(asked)), "501 not_configured");
    EXPECT_EQ(passed_over, -1);
    unix_user = 0;
    EXPECT_EQ(json(ask(asked)).find("sockets")->integer(), 3);
    EXPECT_EQ(passed_over, 7);
    EXPECT_THAT(house.log.take(), Contains(HasSubstr("admin_act ok")));
}

TEST_F(AdminTest, TheLogLevelIsShownAndSet)
{
    const auto level_in = [this](const LocalResponse& response) {
        return *json(response).find_string("level");
    };
    EXPECT_EQ(level_in(ask(call("GET", "/admin/v1/log-level"))), "info");
    EXPECT_EQ(level_in(ask(call("PUT", "/admin/v1/log-level", R"({"level":"debug"})"))), "debug");
    EXPECT_EQ(level, config::LogLevel::debug);
    EXPECT_THAT(house.log.take(), Contains(HasSubstr("admin_act ok")));
    for (const auto* body :
         {R"({"level":"loud"})", R"({"level":"DEBUG"})", R"({"level":""})", "{}"}) {
        EXPECT_EQ(outcome(ask(call("PUT", "/admin/v1/log-level", body))), "422 invalid_fields");
    }
    EXPECT_EQ(level, config::LogLevel::debug);
}

TEST_F(AdminTest, ExplainsByWhatRunsAtThisMoment)
{
    const auto ada = house.joined("ada");
    const auto question = [](const std::string& token) {
        return R"({"target": "/orders/./7", "token": ")" + token + R"("})";
    };
    const auto asked =
        call("POST", "/admin/v1/explain", question(std::string(ada.access_token.reveal())));
    auto told = json(ask(asked));
    EXPECT_EQ(text(told, "outcome"), "forwarded");
    EXPECT_EQ(text(told, "path"), "/orders/7");
    EXPECT_EQ(text(told, "route"), "routes[0] /orders/** (auth: required) -> http://127.0.0.1:9");
    EXPECT_THAT(text(told, "reason"), HasSubstr(ada.user.id));

    (void)ask(call("POST", "/admin/v1/users/ada/block"));
    told = json(ask(asked));
    EXPECT_EQ(text(told, "outcome"), "refused");
    EXPECT_EQ(text(*told.find("refusal"), "code"), "token_revoked");

    told = json(ask(call("POST", "/admin/v1/explain", R"({"target": "/auth/login"})")));
    EXPECT_EQ(text(told, "outcome"), "answered");
    const std::pair<const char*, const char*> rows[] = {
        {R"({})",                                      "422 invalid_fields"},
        {R"({"target": "/a\r\nX: y"})",                "422 invalid_fields"},
        {R"({"target": 7})",                           "400 bad_request"   },
        {R"({"target": "/a", "certificate": "none"})", "422 invalid_fields"},
        {R"({"target": "/a", "certificate": 7})",      "400 bad_request"   },
        {R"([])",                                      "400 bad_request"   },
        {R"({"target")",                               "400 malformed_json"},
    };
    for (const auto& [body, expected] : rows) {
        EXPECT_EQ(outcome(ask(call("POST", "/admin/v1/explain", body))), expected) << body;
    }
}

TEST_F(AdminTest, NamesTheMethodsOfAKnownPath)
{
    const auto posted = ask(call("PUT", "/admin/v1/users/ada/sessions"));
    EXPECT_EQ(outcome(posted), "405 method_not_allowed");
    EXPECT_EQ(posted.refusal->allow, "GET, HEAD, DELETE");
    for (const auto* path : {"/admin", "/admin/", "/admin/v1", "/admin/v1/", "/admin/v2/status",
                             "/admin/v1/status/", "/admin/v1/users/", "/admin/v1/users/a/b"}) {
        EXPECT_EQ(outcome(ask(call("GET", path))), "404 not_found") << path;
    }
}

TEST_F(AdminTest, SaysThatTheStoreIsAway)
{
    house.joined("ada");
    house.store.down = true;
    EXPECT_EQ(outcome(ask(call("GET", "/admin/v1/users/ada"))), "503 store_unavailable");
    EXPECT_EQ(outcome(ask(call("POST", "/admin/v1/users/ada/block"))), "503 store_unavailable");
    EXPECT_EQ(outcome(ask(call("GET", "/admin/v1/status"))), "200");
}

} // namespace
} // namespace gatehouse::gateway
