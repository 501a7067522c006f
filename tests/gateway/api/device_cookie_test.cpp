#include "tests/gateway/api/api_fixture.hpp"

#include <gmock/gmock.h>

namespace gatehouse::gateway::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

config::Settings with_cookies()
{
    auto settings = auth::quick_settings();
    settings.throttle.device_cookie = true;
    settings.throttle.pair_free = 2;
    settings.throttle.pair_first_wait = 1h;
    settings.throttle.pair_longest_wait = 1h;
    return settings;
}

class DeviceCookieTest : public ApiTest {
protected:
    explicit DeviceCookieTest(config::Settings settings = with_cookies())
        : ApiTest(std::move(settings))
    {
        house.joined("alice");
    }

    [[nodiscard]] static Ask login(const std::string& password,
                                   const std::string& delivery = "body")
    {
        return post("/auth/login", R"({"username":"alice","password":")" + password +
                                       R"(","delivery":")" + delivery + R"("})");
    }

    [[nodiscard]] static Ask from_page(Ask asked)
    {
        return asked.with("Sec-Fetch-Site", "same-origin");
    }

    /// Every Set-Cookie whose name is this.
    [[nodiscard]] static std::vector<std::string> set_cookies(const LocalResponse& response,
                                                              const std::string& name)
    {
        std::vector<std::string> found;
        for (const auto& [field, value] : response.fields) {
            if (field == "Set-Cookie" && value.starts_with(name + "=")) found.push_back(value);
        }
        return found;
    }

    /// `name=value`, as a browser sends it back.
    [[nodiscard]] std::string known_browser()
    {
        const auto cookies =
            set_cookies(ask(from_page(login("correct horse"))), "gatehouse_device");
        EXPECT_EQ(cookies.size(), 1U);
        return cookies.empty() ? "" : cookies.front().substr(0, cookies.front().find(';'));
    }

    void guess()
    {
        for (int i = 0; i < 3; ++i) static_cast<void>(ask(login("a guess")));
        ASSERT_EQ(outcome(login("correct horse")), "429 too_many_attempts");
    }
};

TEST_F(DeviceCookieTest, AProgramThatAskedForABodyIsLeftNone)
{
    const struct {
        const char* name;
        Ask asked;
        std::size_t cookies;
    } cases[] = {
        {"nothing of a browser", login("correct horse"), 0},
        {"a page of another origin", login("correct horse").with("Origin", "https://a.example"), 1},
        {"fetch metadata", login("correct horse").with("sec-fetch-site", "none"), 1},
        {"a cookie", login("correct horse").with("Cookie", "a=1"), 1},
        {"cookie delivery", login("correct horse", "cookie"), 1},
        {"both", login("correct horse", "both"), 1},
        {"registration",
         post("/auth/register", R"({"username":"carol","password":"correct horse"})"), 0},
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(set_cookies(ask(c.asked), "gatehouse_device").size(), c.cookies);
    }
}

TEST_F(DeviceCookieTest, ALoginLeavesABrowserOneWhateverItsDelivery)
{
    for (const auto* delivery : {"body", "cookie", "both"}) {
        SCOPED_TRACE(delivery);
        const auto response = ask(from_page(login("correct horse", delivery)));
        ASSERT_EQ(outcome_of(response), "200");
        const auto cookies = set_cookies(response, "gatehouse_device");
        ASSERT_EQ(cookies.size(), 1U);
        EXPECT_THAT(cookies[0], StartsWith("gatehouse_device=eyJ"));
        EXPECT_THAT(cookies[0], HasSubstr("; HttpOnly; Secure; SameSite=Strict; Path=/auth; "
                                          "Max-Age=31536000"));
        const bool in_body_only = delivery == std::string("body");
        EXPECT_EQ(set_cookies(response, "refresh_token").size(), in_body_only ? 0U : 1U);
    }
    const auto registered =
        ask(from_page(post("/auth/register", R"({"username":"bob","password":"correct horse"})")));
    EXPECT_EQ(set_cookies(registered, "gatehouse_device").size(), 1U);
}

TEST_F(DeviceCookieTest, NothingButALoginTouchesIt)
{
    const auto browser = known_browser();
    const auto grant = house.logged_in("alice");
    const Ask asks[] = {
        login("a guess"),
        post("/auth/refresh-token", refresh_body(grant.refresh_token)),
        get("/auth/me").bearing(grant.access_token),
        post("/auth/logout-all").bearing(grant.access_token),
    };
    for (const auto& each : asks) {
        EXPECT_TRUE(set_cookies(ask(each.with("Cookie", browser)), "gatehouse_device").empty())
            << each.path;
    }
    guess();
    EXPECT_EQ(outcome(login("correct horse").with("Cookie", browser)), "200")
        << "who signed out is still known";
}

TEST_F(DeviceCookieTest, IsTakenFromWhereBrowsersPutIt)
{
    const auto browser = known_browser();
    guess();

    const struct {
        const char* name;
        std::string cookies;
        const char* expected;
    } cases[] = {
        {"alone", browser, "200"},
        {"among others", "a=1; " + browser + "; refresh_token=x", "200"},
        {"twice the same", browser + "; " + browser, "200"},
        {"beside another one", browser + "; gatehouse_device=x", "429 too_many_attempts"},
        {"behind another one", "gatehouse_device=x; " + browser, "429 too_many_attempts"},
        {"empty", "gatehouse_device=", "429 too_many_attempts"},
        {"cut off", browser.substr(0, browser.size() - 1), "429 too_many_attempts"},
        {"in another name", "device=" + browser.substr(browser.find('=') + 1),
         "429 too_many_attempts"},
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(outcome(login("correct horse").with("Cookie", c.cookies)), c.expected);
    }
}

config::Settings moved()
{
    auto settings = with_cookies();
    settings.auth.contract.cookie.path = "/";
    settings.auth.contract.cookie.same_site = config::SameSite::none;
    return settings;
}

class MovedDeviceCookie : public DeviceCookieTest {
protected:
    MovedDeviceCookie() : DeviceCookieTest(moved()) {}
};

TEST_F(MovedDeviceCookie, GoesWhereTheOtherCookieGoesAndToNoOtherSite)
{
    const auto cookies = set_cookies(ask(from_page(login("correct horse"))), "gatehouse_device");
    ASSERT_EQ(cookies.size(), 1U);
    EXPECT_THAT(cookies[0], HasSubstr("; SameSite=Strict; Path=/; "));
}

} // namespace
} // namespace gatehouse::gateway::test
