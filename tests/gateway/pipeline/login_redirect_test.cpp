#include "gateway/pipeline/login_redirect.hpp"
#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::gateway::test {
namespace {

using testing::HasSubstr;

TEST(LoginRedirect, IsForBrowsersThatWantAPage)
{
    struct Case {
        const char* name;
        const char* method;
        std::vector<Field> fields;
        bool wants;
    };

    const Case cases[] = {
        {"a link",                 "GET",     {{"Sec-Fetch-Mode", "navigate"}},                                true },
        {"a look at a link",       "HEAD",    {{"Sec-Fetch-Mode", "Navigate"}},                                true },
        {"an old browser",         "GET",     {{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}},       true },
        {"a form",                 "POST",    {{"Sec-Fetch-Mode", "navigate"}},                                false},
        {"a script",               "GET",     {{"Sec-Fetch-Mode", "cors"}, {"Accept", "text/html"}},           false},
        {"an image",               "GET",     {{"Sec-Fetch-Mode", "no-cors"}},                                 false},
        {"two modes",              "GET",     {{"Sec-Fetch-Mode", "navigate"}, {"Sec-Fetch-Mode", "cors"}},    false},
        {"a program",              "GET",     {{"Accept", "application/json"}},                                false},
        {"a program of any taste", "GET",     {{"Accept", "*/*"}},                                             false},
        {"no HTML, thank you",     "GET",     {{"Accept", "application/json, text/html;q=0"}},                 false},
        {"nothing",                "GET",     {},                                                              false},
        {"a bad bearer",
         "GET",                               {{"Sec-Fetch-Mode", "navigate"}, {"authorization", "Bearer x"}},
         false                                                                                                      },
        {"another scheme",
         "GET",                               {{"Accept", "text/html"}, {"Authorization", "Basic eA=="}},
         false                                                                                                      },
        {"a preflight",            "OPTIONS", {{"Sec-Fetch-Mode", "navigate"}},                                false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        RequestHead head;
        head.method = c.method;
        head.fields = c.fields;
        EXPECT_EQ(wants_a_page(head), c.wants);
    }
}

TEST(LoginRedirect, LeadsBackWhereThatIsAPlace)
{
    struct Case {
        const char* target;
        const char* location;
    };

    const Case cases[] = {
        {"/orders/7",          "/id/portal/sign-in?return_to=/orders/7"                     },
        {"/orders?a=b&c=%2F#", "/id/portal/sign-in?return_to=/orders%3Fa%3Db%26c%3D%252F%23"},
        {"//evil.example/x",   "/id/portal/sign-in"                                         },
        {"/%2fevil.example",   "/id/portal/sign-in"                                         },
        {"/a\"<>'",            "/id/portal/sign-in?return_to=/a%22%3C%3E%27"                },
    };
    config::Settings settings;
    settings.auth.prefix = "/id";
    settings.auth.origins = {"https://app.example.com"};
    for (const auto& c : cases) {
        EXPECT_EQ(sign_in_location(settings, c.target, RefusalCode::token_missing), c.location);
    }
    EXPECT_EQ(sign_in_location(settings, "/a", RefusalCode::insufficient_user_authentication),
              "/id/portal/sign-in?return_to=/a&again=1");
}

/// `/` sends browsers to sign in, `/api/**` does not.
config::Settings pages_and_api(const std::string& upstream)
{
    auto settings = public_route_to(upstream);
    settings.portal.on = true;
    auto& page = settings.routes.front();
    page.auth = config::AuthMode::required;
    page.session_cookie = true;
    auto api = page;
    page.login = config::LoginAnswer::redirect;
    api.match = "/api/**";
    settings.routes.push_back(api);
    settings.auth.session_cookies = true;
    return settings;
}

std::string request(const std::string& target, const std::string& fields)
{
    return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

constexpr auto navigating = "Sec-Fetch-Mode: navigate\r\n";

TEST(LoginRedirect, SendsPeopleAndRefusesPrograms)
{
    RawBackend backend(answering(ok("hello")));
    TestGateway gateway(pages_and_api(backend.url()));

    const auto sent = gateway.ask(request("/orders?x=1", navigating));
    EXPECT_EQ(sent.status(), 302U);
    EXPECT_EQ(sent.field("Location"), "/auth/portal/sign-in?return_to=/orders%3Fx%3D1");
    EXPECT_EQ(sent.field("Cache-Control"), "no-store");
    EXPECT_EQ(sent.field("Vary"), "Accept, Authorization, Cookie, Sec-Fetch-Mode");
    EXPECT_EQ(sent.field("Content-Length"), "0");

    const auto refused = gateway.ask(request("/orders", "Accept: application/json\r\n"));
    EXPECT_EQ(refused.status(), 401U);
    EXPECT_EQ(refused.field("Location"), "");
    EXPECT_EQ(refused.field("Vary"), "Accept, Authorization, Cookie, Sec-Fetch-Mode");
    EXPECT_EQ(gateway.ask(request("/api/x", navigating)).status(), 401U);
    EXPECT_EQ(gateway.ask(request("/api/x", navigating)).field("Vary"), "");
    EXPECT_EQ(
        gateway.ask(request("/", std::string(navigating) + "Authorization: Bearer x\r\n")).status(),
        401U);
    const auto bad_cookie = std::string(navigating) + "Cookie: access_token=x\r\n";
    EXPECT_EQ(gateway.ask(request("/", bad_cookie)).status(), 302U);
    EXPECT_EQ(backend.connections(), 0U);

    const auto token = gateway.token_for("ann");
    const auto good = std::string(navigating) + "Cookie: access_token=" + token + "\r\n";
    EXPECT_EQ(gateway.ask(request("/", good)).status(), 200U);
}

TEST(LoginRedirect, KeepsTheConnection)
{
    RawBackend backend(answering(ok("hello")));
    TestGateway gateway(pages_and_api(backend.url()));
    auto client = gateway.connect();
    for (int i = 0; i < 2; ++i) {
        client.send(request("/a", navigating));
        EXPECT_EQ(read_response(client).status(), 302U);
    }
    client.send("HEAD /a HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n");
    EXPECT_THAT(client.take_through("\r\n\r\n"), HasSubstr(" 302 Found\r\n"));
}

} // namespace
} // namespace gatehouse::gateway::test
