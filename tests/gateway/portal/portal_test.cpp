#include "gateway/portal/portal_files.hpp"
#include "tests/gateway/api/api_fixture.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace gatehouse::gateway::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

config::Settings with_pages()
{
    auto settings = auth::quick_settings();
    settings.portal.on = true;
    settings.auth.own_pages = true;
    settings.auth.origins = {"https://app.example.com"};
    return settings;
}

class PortalTest : public ApiTest {
protected:
    explicit PortalTest(config::Settings settings = with_pages()) : ApiTest(std::move(settings)) {}

    nlohmann::json features(const Ask& asked = get("/auth/portal/features.json"))
    {
        return nlohmann::json::parse(ask(asked).body);
    }

    std::string language(const std::string& wanted, const std::string& cookie = "")
    {
        auto asked = get("/auth/portal/features.json").with("Accept-Language", wanted);
        if (!cookie.empty()) asked = asked.with("Cookie", "portal_language=" + cookie);
        return features(asked)["language"];
    }
};

class NoPortalTest : public ApiTest {};

TEST_F(NoPortalTest, AnswersAsIfThereWereNoSuchThing)
{
    for (const auto* path : {"/auth/portal", "/auth/portal/", "/auth/portal/sign-in",
                             "/auth/portal/assets/main.js", "/auth/portal/features.json"}) {
        EXPECT_EQ(outcome(get(path)), "404 not_found") << path;
    }
}

TEST_F(PortalTest, HasPagesAndWhatTheyAreMadeOf)
{
    struct Case {
        const char* path;
        const char* expected;
    };

    const Case cases[] = {
        {"/auth/portal",                      "302"          },
        {"/auth/portal/",                     "302"          },
        {"/auth/portal/sign-in",              "200"          },
        {"/auth/portal/account",              "200"          },
        {"/auth/portal/assets/main.js",       "200"          },
        {"/auth/portal/assets/texts/de.json", "200"          },
        {"/auth/portal/assets/own.css",       "200"          },
        {"/auth/portal/features.json",        "200"          },
        {"/auth/portal/index.html",           "404 not_found"},
        {"/auth/portal/sign-in/",             "404 not_found"},
        {"/auth/portal/assets",               "404 not_found"},
        {"/auth/portal/assets/",              "404 not_found"},
        {"/auth/portal/assets/nothing.js",    "404 not_found"},
        {"/auth/portal/admin",                "404 not_found"},
        {"/auth/portals",                     "404 not_found"},
    };
    for (const auto& c : cases) EXPECT_EQ(outcome(get(c.path)), c.expected) << c.path;
    EXPECT_EQ(field(ask(get("/auth/portal")), "Location"), "/auth/portal/account");
    EXPECT_EQ(outcome(post("/auth/portal/sign-in")), "405 method_not_allowed");
    EXPECT_EQ(ask(post("/auth/portal/sign-in")).refusal->allow, "GET, HEAD");
    EXPECT_EQ(outcome(post("/auth/portal/nothing")), "404 not_found");
}

TEST_F(PortalTest, LetsNothingRunButItsOwnFiles)
{
    const auto page = ask(get("/auth/portal/sign-in"));
    const auto policy = field(page, "Content-Security-Policy");
    for (const auto* part :
         {"default-src 'none'", "script-src 'self';", "style-src 'self';", "base-uri 'none'",
          "frame-ancestors 'none'", "form-action 'self'", "require-trusted-types-for 'script'"}) {
        EXPECT_THAT(policy, HasSubstr(part));
    }
    EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
    EXPECT_EQ(field(page, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(field(page, "Referrer-Policy"), "no-referrer");
    EXPECT_EQ(field(page, "Cross-Origin-Opener-Policy"), "same-origin");
    EXPECT_THAT(page.body, Not(HasSubstr("<script>")));
    EXPECT_THAT(page.body, Not(HasSubstr("<style")));
    for (const auto& file : portal_files()) {
        EXPECT_THAT(file.type, Not(IsEmpty())) << file.name;
        EXPECT_THAT(std::string(file.text), Not(HasSubstr("innerHTML"))) << file.name;
        EXPECT_THAT(std::string(file.text), Not(HasSubstr("https://"))) << file.name;
    }
}

TEST_F(PortalTest, IsAskedForAnewAndSentOnlyWhenItHasChanged)
{
    const auto script = get("/auth/portal/assets/main.js");
    const auto plain = ask(script);
    EXPECT_EQ(field(plain, "Content-Type"), "text/javascript; charset=utf-8");
    EXPECT_EQ(field(plain, "Cache-Control"), "no-cache");
    EXPECT_EQ(field(plain, "Vary"), "Accept-Encoding");
    EXPECT_EQ(field(plain, "Content-Encoding"), "");
    const auto packed = ask(script.with("Accept-Encoding", "br, gzip;q=0.5"));
    EXPECT_EQ(field(packed, "Content-Encoding"), "gzip");
    EXPECT_EQ(packed.body.substr(0, 2), "\x1f\x8b");
    EXPECT_LT(packed.body.size(), plain.body.size());
    EXPECT_EQ(field(ask(script.with("Accept-Encoding", "gzip;q=0")), "Content-Encoding"), "");

    const auto tag = field(plain, "ETag");
    EXPECT_NE(tag, field(packed, "ETag"));
    for (const auto& known : {tag, "W/" + tag, "\"x\", " + tag, std::string("*")}) {
        const auto again = ask(script.with("If-None-Match", known));
        EXPECT_EQ(again.status, 304U) << known;
        EXPECT_EQ(again.body, "");
        EXPECT_EQ(field(again, "ETag"), tag);
    }
    EXPECT_EQ(outcome(script.with("If-None-Match", "\"x\"")), "200");
    EXPECT_EQ(outcome(script.with("If-None-Match", tag).with("Accept-Encoding", "gzip")), "200");
}

TEST_F(PortalTest, SpeaksTheLanguageThatIsWantedMost)
{
    EXPECT_EQ(language(""), "en");
    EXPECT_EQ(language("de"), "de");
    EXPECT_EQ(language("de-CH, en;q=0.9"), "de");
    EXPECT_EQ(language("fr, de;q=0.3, en;q=0.8"), "en");
    EXPECT_EQ(language("fr"), "en");
    EXPECT_EQ(language("de;q=0"), "en");
    EXPECT_EQ(language("en", "de"), "de");
    EXPECT_EQ(language("de", "xx"), "de");
}

TEST_F(PortalTest, SaysWhatThereIs)
{
    const auto told = features();
    EXPECT_EQ(told["name"], "Gatehouse");
    EXPECT_EQ(told["languages"], nlohmann::json({"en", "de"}));
    EXPECT_EQ(told["returnTo"], nlohmann::json({"https://app.example.com"}));
    EXPECT_EQ(told["registration"], "open");
    EXPECT_EQ(told["password"]["least"], 8);
    EXPECT_EQ(field(ask(get("/auth/portal/features.json")), "Cache-Control"), "no-store");
}

/// With origins of its own to name.
class NamedPortalTest : public PortalTest {
protected:
    static config::Settings settings()
    {
        auto settings = with_pages();
        settings.auth.prefix = "/id";
        settings.portal.name = "A \"B\" </script>";
        settings.portal.languages = {"de"};
        settings.portal.return_to = {"https://shop.example.com"};
        settings.portal.css_text = ":root { --accent: teal }";
        return settings;
    }

    NamedPortalTest() : PortalTest(settings()) {}
};

TEST_F(NamedPortalTest, LooksAsItIsTold)
{
    const auto told = features(get("/id/portal/features.json"));
    EXPECT_EQ(told["name"], "A \"B\" </script>");
    EXPECT_EQ(told["language"], "de");
    EXPECT_EQ(told["returnTo"], nlohmann::json({"https://shop.example.com"}));
    EXPECT_EQ(ask(get("/id/portal/assets/own.css")).body, ":root { --accent: teal }");
    EXPECT_EQ(field(ask(get("/id/portal")), "Location"), "/id/portal/account");
    EXPECT_EQ(outcome(get("/auth/portal/sign-in")), "404 not_found");
}

TEST_F(PortalTest, MayCallTheApiBesideOtherOrigins)
{
    const auto refresh = post("/auth/refresh-token").with("Cookie", "refresh_token=x");
    EXPECT_EQ(outcome(refresh.with("Origin", "http://api.example.com")),
              "403 refresh_token_invalid");
    EXPECT_EQ(outcome(refresh.with("Origin", "https://app.example.com")),
              "403 refresh_token_invalid");
    EXPECT_EQ(outcome(refresh.with("Origin", "https://evil.example")), "403 origin_forbidden");
}

} // namespace
} // namespace gatehouse::gateway::test
