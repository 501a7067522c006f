#include "auth/json/reader.hpp"
#include "tests/gateway/api/api_fixture.hpp"

#include <gmock/gmock.h>

#include <set>

namespace gatehouse::gateway::test {
namespace {

using ::testing::HasSubstr;

const std::string cookie_attributes = "; HttpOnly; Secure; SameSite=Strict; Path=/auth; Max-Age=";
const std::string cleared = "refresh_token=" + cookie_attributes + "0";

class RefreshCallsTest : public ApiTest {
protected:
    /// Somebody whose refresh token travels as a cookie.
    [[nodiscard]] auth::Grant cookie_login()
    {
        auth::Credentials credentials;
        credentials.username = "alice";
        credentials.password = Secret("correct horse");
        credentials.delivery = auth::SessionDelivery::cookie;
        auto grant = house.service.login(credentials, auth::somebody, house.place());
        EXPECT_TRUE(grant);
        return *std::move(grant);
    }

    const auth::Grant first = house.joined("alice");
    const Ask refresh = post("/auth/refresh-token");
};

TEST_F(RefreshCallsTest, TheTokenComesByBodyOrCookie)
{
    const auto other = house.logged_in("alice");
    const auto by_body = post("/auth/refresh-token", refresh_body(first.refresh_token));
    EXPECT_EQ(outcome(refresh), "400 bad_request") << "none";
    EXPECT_EQ(outcome(post("/auth/refresh-token", R"({"refreshToken":null})")), "400 bad_request");
    EXPECT_EQ(outcome(post("/auth/refresh-token", R"({"refreshToken":5})")), "400 bad_request");
    EXPECT_EQ(outcome(post("/auth/refresh-token", R"({"refreshToken":"x"})")),
              "403 refresh_token_invalid");
    EXPECT_EQ(outcome(by_body.with_cookie(other.refresh_token)), "400 bad_request")
        << "they differ";
    EXPECT_EQ(outcome(refresh.with_cookie(first.refresh_token).with_cookie(other.refresh_token)),
              "400 bad_request")
        << "two cookies";
    EXPECT_EQ(outcome(refresh.bearing(first.access_token)), "400 bad_request")
        << "a bearer is no refresh token";
    EXPECT_EQ(outcome(post("/auth/refresh-token", refresh_body(first.access_token))),
              "403 refresh_token_invalid"); // R35
    EXPECT_EQ(outcome(by_body.with_cookie(first.refresh_token)), "200");
    EXPECT_EQ(outcome(refresh.with_cookie(other.refresh_token)), "200");
}

TEST_F(RefreshCallsTest, SaysWhatIsWrongWithHowTheTokenCame)
{
    house.settings.auth.contract.members.refresh_token = "refresh";
    const auto one = post("/auth/refresh-token", R"({"refresh":"x.y.z"})");
    const auto a = Secret("a");
    const auto message = [this](const Ask& asked) { return ask(asked).refusal->message; };
    EXPECT_EQ(message(refresh), "The refresh token is missing: neither the body (refresh) nor the "
                                "cookie refresh_token brings one");
    EXPECT_EQ(message(one.with_cookie(a)),
              "The body and the cookie bring different refresh tokens");
    EXPECT_EQ(message(refresh.with_cookie(a).with_cookie(Secret("b"))),
              "There are several cookies called refresh_token, and they differ");
    EXPECT_EQ(message(post("/auth/logout")),
              "Neither a refresh token nor a bearer says whom to sign out");
}

TEST_F(RefreshCallsTest, ACookieSessionGetsItsTokensAsCookies)
{
    const auto response = ask(refresh.with_cookie(cookie_login().refresh_token));
    ASSERT_EQ(outcome_of(response), "200");
    EXPECT_THAT(response.body, ::testing::Not(HasSubstr("refreshToken")));
    EXPECT_THAT(field(response, "Set-Cookie"), ::testing::StartsWith("refresh_token=eyJ"));
    EXPECT_THAT(field(response, "Set-Cookie"), HasSubstr(cookie_attributes));
    EXPECT_EQ(field(response, "Cache-Control"), "no-store");
}

// Cookie-carried calls are for our own pages only
TEST_F(RefreshCallsTest, RefusesACookieThatAnotherSiteMadeTheBrowserSend)
{
    struct Case {
        const char* name;
        std::string field;
        std::string value;
        bool allowed;
    };

    const Case cases[] = {
        {"the own origin",        "Origin",         "http://api.example.com",      true },
        {"its port, spelled out", "Origin",         "http://api.example.com:80",   true },
        {"the port of https",     "Origin",         "http://api.example.com:443",  false},
        {"another origin",        "Origin",         "http://evil.example",         false},
        {"a subdomain",           "Origin",         "http://x.api.example.com",    false},
        {"a longer name",         "Origin",         "http://api.example.com.evil", false},
        {"another scheme",        "Origin",         "https://api.example.com",     false},
        {"another port",          "Origin",         "http://api.example.com:8080", false},
        {"a sandboxed page",      "Origin",         "null",                        false},
        {"no origin, cross-site", "Sec-Fetch-Site", "cross-site",                  false},
        {"no origin, same site",  "Sec-Fetch-Site", "same-origin",                 true },
        {"no origin, by hand",    "Sec-Fetch-Site", "none",                        true },
    };
    const auto grant = cookie_login();
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto asked =
            post("/auth/logout").with_cookie(grant.refresh_token).with(c.field, c.value);
        EXPECT_EQ(outcome(asked), c.allowed ? "204" : "403 origin_forbidden");
        if (c.allowed) continue;
        EXPECT_EQ(outcome(refresh.with_cookie(grant.refresh_token).with(c.field, c.value)),
                  "403 origin_forbidden");
        EXPECT_EQ(
            outcome(post("/auth/refresh-token", R"({"refreshToken":"x"})").with(c.field, c.value)),
            "403 refresh_token_invalid")
            << "who knows the token needs no cookie";
    }
    EXPECT_EQ(outcome(post("/auth/logout")
                          .with_cookie(grant.refresh_token)
                          .with("Origin", "http://api.example.com")
                          .with("Origin", "http://evil.example")),
              "403 origin_forbidden");
    EXPECT_EQ(outcome(post("/auth/logout")
                          .with_cookie(grant.refresh_token)
                          .with("Sec-Fetch-Site", "none")
                          .with("Sec-Fetch-Site", "cross-site")),
              "403 origin_forbidden");
}

TEST_F(RefreshCallsTest, ConfiguredOriginsStandInForTheOwn)
{
    house.settings.auth.origins = {"https://app.example.com"};
    const auto asked = post("/auth/logout").with_cookie(cookie_login().refresh_token);
    EXPECT_EQ(outcome(asked.with("Origin", "http://api.example.com")), "403 origin_forbidden");
    EXPECT_EQ(outcome(asked.with("Origin", "https://app.example.com")), "204");
}

TEST_F(RefreshCallsTest, LogoutWorksByAnyTokenOfTheSession)
{
    const auto renewed = house.refresh(first.refresh_token);
    ASSERT_TRUE(renewed);
    const auto logout = post("/auth/logout", refresh_body(first.refresh_token));
    EXPECT_EQ(outcome(logout.with("Authorization", "Bearer rubbish")), "204")
        << "an older generation; the bearer is ignored";
    EXPECT_EQ(outcome(get("/auth/me").bearing(renewed->access_token)), "401 token_revoked");
    EXPECT_EQ(outcome(logout), "204") << "an ended session";
    EXPECT_EQ(outcome(post("/auth/refresh-token", refresh_body(renewed->refresh_token))),
              "403 refresh_token_revoked");
    house.clock.advance(366 * 24h);
    EXPECT_EQ(outcome(logout), "204") << "an expired token";

    const auto other = house.logged_in("alice");
    EXPECT_EQ(outcome(post("/auth/logout")), "400 bad_request") << "none";
    EXPECT_EQ(outcome(post("/auth/logout").with("Authorization", "Bearer x")), "401 token_invalid");
    EXPECT_EQ(outcome(post("/auth/logout", R"({"refreshToken":"x"})").bearing(other.access_token)),
              "403 refresh_token_invalid")
        << "a refresh token decides where one is given";
    EXPECT_EQ(outcome(Ask{"DELETE", "/auth/logout", "", {}}.bearing(other.access_token)), "204");
    EXPECT_EQ(outcome(get("/auth/me").bearing(other.access_token)), "401 token_revoked");
}

TEST_F(RefreshCallsTest, ClearsTheCookieWithTheSessionAndNeverForAStraggler)
{
    const auto grant = cookie_login();
    EXPECT_EQ(field(ask(post("/auth/logout").with_cookie(grant.refresh_token)), "Set-Cookie"),
              cleared);
    const auto revoked = ask(refresh.with_cookie(grant.refresh_token));
    EXPECT_EQ(outcome_of(revoked), "403 refresh_token_revoked");
    EXPECT_EQ(field(revoked, "Set-Cookie"), cleared);

    const auto everywhere = cookie_login();
    const auto all = post("/auth/logout-all").bearing(everywhere.access_token);
    EXPECT_EQ(field(ask(all.with_cookie(everywhere.refresh_token)), "Set-Cookie"), cleared);

    // A body session refuses its stragglers; one that arrives by cookie keeps its cookie.
    const auto body = house.logged_in("alice");
    ASSERT_TRUE(house.refresh(body.refresh_token));
    const auto straggler = ask(refresh.with_cookie(body.refresh_token));
    EXPECT_EQ(outcome_of(straggler), "403 refresh_token_reused");
    EXPECT_EQ(field(straggler, "Set-Cookie"), "");
}

config::Settings with_cookies()
{
    auto settings = auth::quick_settings();
    settings.auth.delivery = config::Delivery::cookie;
    return settings;
}

class CookieDeliveryTest : public ApiTest {
protected:
    CookieDeliveryTest() : ApiTest(with_cookies()) {}
};

TEST_F(CookieDeliveryTest, EveryAnswerThatEndsTheSessionClearsTheCookie)
{
    for (const auto* path : {"/auth/logout", "/auth/logout-all"}) {
        const auto grant = house.joined(path + 6);
        const auto answer = ask(post(path).bearing(grant.access_token));
        EXPECT_EQ(outcome_of(answer), "204") << path;
        EXPECT_EQ(field(answer, "Set-Cookie"), cleared) << path << ": it did not come along";
    }
}

TEST_F(RefreshCallsTest, NoAnswerClearsACookieWhereThereIsNone)
{
    EXPECT_EQ(field(ask(post("/auth/logout").bearing(first.access_token)), "Set-Cookie"), "");
}

// R41: of parallel refreshes one brings a generation, and all who overlap get that pair
TEST_F(RefreshCallsTest, OverlappingRefreshesGetTheSamePair)
{
    const std::vector<Ask> asks(32, post("/auth/refresh-token", refresh_body(first.refresh_token)));
    std::set<std::string> bodies;
    for (const auto& response : ask_all(asks)) {
        ASSERT_EQ(outcome_of(response), "200");
        bodies.insert(response.body);
    }
    EXPECT_EQ(bodies.size(), 1U);
    const auto session = house.store.find_session(first.session_id);
    ASSERT_TRUE(session && *session);
    EXPECT_EQ((*session)->generation, 2U);
    EXPECT_EQ(outcome(asks.front()), "403 refresh_token_reused") << "later is not together";
}

TEST_F(RefreshCallsTest, OverlappingRefreshesFailTogether)
{
    house.store.down = true;
    for (const auto& response :
         ask_all({8, post("/auth/refresh-token", refresh_body(first.refresh_token))})) {
        EXPECT_EQ(outcome_of(response), "503 store_unavailable");
    }
}

} // namespace
} // namespace gatehouse::gateway::test
