#include "config/load/differences.hpp"
#include "config/load/load.hpp"
#include "tests/config/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace gatehouse::config {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string here = "listen: [{address: '127.0.0.1:80'}]\nregistration: closed\n";

Loaded load(const std::string& text)
{
    return load_text(here + text, "g.yaml", {});
}

TEST(Portal, IsOffUnlessItIsWanted)
{
    struct Case {
        const char* text;
        bool on;
    };

    const Case cases[] = {
        {"",                         false},
        {"portal: false",            false},
        {"portal: true",             true },
        {"portal: {}",               true },
        {"portal: {name: 'Orders'}", true },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        const auto loaded = load(c.text);
        EXPECT_TRUE(loaded.ok()) << to_string(loaded.errors);
        EXPECT_EQ(loaded.settings.portal.on, c.on);
        EXPECT_EQ(loaded.settings.auth.own_pages, c.on);
    }
}

TEST(Portal, IsToldHowToLook)
{
    const auto loaded =
        load("portal: {name: Orders, languages: [de], return_to: ['https://app.example.com']}");
    ASSERT_TRUE(loaded.ok()) << to_string(loaded.errors);
    EXPECT_EQ(loaded.settings.portal.name, "Orders");
    EXPECT_THAT(loaded.settings.portal.languages, ElementsAre("de"));
    EXPECT_THAT(loaded.settings.portal.return_to, ElementsAre("https://app.example.com"));
}

TEST(Portal, SaysWhatIsWrong)
{
    struct Case {
        const char* name;
        const char* text;
        const char* expected;
    };

    const Case cases[] = {
        {"a word",                    "portal: maybe",                                               "portal"                                              },
        {"an unknown key",            "portal: {title: x}",                                          "unknown key \"title\""                               },
        {"a language of none",        "portal: {languages: [fr]}",                                   "\"fr\" is no language"                               },
        {"no language",               "portal: {languages: []}",                                     "portal.languages: is empty"                          },
        {"a language twice",          "portal: {languages: [de, de]}",                               "portal.languages[1]"                                 },
        {"no origin",                 "portal: {return_to: ['//a']}",                                "is not an origin"                                    },
        {"a style sheet of none",     "portal: {css: nowhere.css}",                                  "nowhere.css cannot be read"                          },
        {"other answers",             "portal: true\nauth: {contract: {errors: message}}",
         "auth.contract.errors: the account pages speak"                                                                                                   },
        {"other members",             "portal: true\nauth: {contract: {members: {email: mail}}}",
         "auth.contract.members: the account pages speak"                                                                                                  },
        {"another place",             "portal: true\nauth: {contract: {login: {at: ['POST /in']}}}",
         "auth.contract.login: the account pages speak"                                                                                                    },
        {"another status",            "portal: true\nauth: {contract: {register: {success: 200}}}",
         "auth.contract.register: the account pages speak"                                                                                                 },
        {"another body",              "portal: true\nauth: {contract: {me: {answer: {id: $id}}}}",
         "auth.contract.me: the account pages speak"                                                                                                       },
        {"another place of passkeys",
         "portal: true\nauth: {contract: {passkey_login: {at: ['POST /in']}}}",                      "auth.contract.passkey_login: the account pages speak"},
        {"a redirect to nowhere",     "routes: [{match: /a, to: 'http://a:1', login: redirect}]",
         "there is no page to send"                                                                                                                        },
        {"a redirect of guests",
         "portal: true\nroutes: [{match: /a, to: 'http://a:1', session_cookie: true, auth: "
         "optional, "
         "login: redirect}]",                                                                        "nobody has to be signed in"                          },
        {"a redirect of nobody",
         "portal: true\nroutes: [{match: /a, to: 'http://a:1', auth: none, login: redirect}]",       "nobody has to be signed in"                          },
        {"a redirect of posts",
         "portal: true\nroutes: [{match: /a, to: 'http://a:1', methods: [POST], login: redirect}]",  "browsers ask for a page with GET"                    },
        {"another answer",            "routes: [{match: /a, to: 'http://a:1', login: page}]",
         "routes[0].login"                                                                                                                                 },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto loaded = load(c.text);
        EXPECT_EQ(loaded.errors.size(), 1U) << to_string(loaded.errors);
        EXPECT_THAT(to_string(loaded.errors), HasSubstr(c.expected));
    }
}

TEST(Portal, ToleratesAContractThatItsPagesDoNotMeet)
{
    const auto loaded = load("portal: true\n"
                             "auth: {contract: {bad_access_token: 403, cookie: {same_site: lax}}}");
    EXPECT_TRUE(loaded.ok()) << to_string(loaded.errors);
}

TEST(Portal, WarnsOfARouteThatSendsPeopleInCircles)
{
    const auto route = [](const std::string& more) {
        const auto loaded = load(
            "portal: true\nroutes: [{match: /a, to: 'http://a:1', login: redirect" + more + "}]");
        EXPECT_TRUE(loaded.ok()) << to_string(loaded.errors);
        return loaded.warnings;
    };
    EXPECT_THAT(to_string(route("")), HasSubstr("write `session_cookie: true`"));
    EXPECT_THAT(route(", session_cookie: true"), IsEmpty());
}

TEST(Portal, HasAStyleSheetThatAReloadReadsAnew)
{
    const TemporaryFolder folder;
    const auto write = [&](const char* name, const std::string& text) {
        std::ofstream(folder / name) << text;
    };
    write("own.css", ":root { --accent: teal }");
    write("g.yaml", here + "portal: {css: own.css}");
    const auto file = (folder / "g.yaml").string();
    const auto before = load_file(file, {});
    ASSERT_TRUE(before.ok()) << to_string(before.errors);
    EXPECT_EQ(before.settings.portal.css_text, ":root { --accent: teal }");
    EXPECT_THAT(before.files, Contains((folder / "own.css").string()));

    write("own.css", ":root { --accent: green }");
    auto after = load_file(file, {});
    EXPECT_THAT(settle_differences(before.settings, after.settings).take_effect,
                ElementsAre("portal.css"));
    write("own.css", std::string(64 * 1024 + 1, ' '));
    EXPECT_FALSE(load_file(file, {}).ok());
}

TEST(Portal, IsTakenByAReload)
{
    const auto changes = [](const char* from, const char* to) {
        const auto before = load(from);
        auto after = load(to);
        return settle_differences(before.settings, after.settings).take_effect;
    };
    EXPECT_THAT(changes("", "portal: true"), ElementsAre("portal"));
    EXPECT_THAT(changes("portal: true", "portal: {name: x}"), ElementsAre("portal.name"));
    EXPECT_THAT(changes("portal: true", "portal: {}"), IsEmpty());
}

} // namespace
} // namespace gatehouse::config
