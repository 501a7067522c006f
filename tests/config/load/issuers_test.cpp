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

/// A folder with a JWKS that nobody here understands, and secrets.
class IssuersTest : public testing::Test {
protected:
    IssuersTest()
    {
        write("jwks.json", "keys");
        write("secret", std::string(32, 's') + "\n");
        write("short", "secret");
    }

    void write(const char* name, std::string_view text) const
    {
        std::ofstream(folder / name) << text;
    }

    [[nodiscard]] Loaded load(const std::string& text, const Environment& environment = {}) const
    {
        return load_text("listen: [{address: '127.0.0.1:80'}]\nregistration: closed\n" + text,
                         (folder / "g.yaml").string(), environment);
    }

    /// One issuer and a route that believes it.
    [[nodiscard]] Loaded load_one(const std::string& lines, const std::string& route = "") const
    {
        return load("issuers: {idp: {" + lines + "}}\n" +
                    "routes: [{match: /a, to: 'http://b', issuers: [own, idp]" + route + "}]\n");
    }

    const TemporaryFolder folder;
};

const std::string good = "issuer: 'https://id.test', audience: [orders]";

TEST_F(IssuersTest, AreReadWithTheirKeys)
{
    const auto loaded = load(
        "issuers:\n"
        "  a: {issuer: 'https://a.test', audience: [orders], jwks: {file: jwks.json}}\n"
        "  b: {issuer: b, audience: [orders, 'https://orders.test'], secret_file: secret,\n"
        "      claims: {org.plan: [pro]}, roles_from: groups, roles: {admin: [Admins]},\n"
        "      scopes_from: scp, told_claims: [email], subject: oid, leeway: 5s, typ: [none]}\n"
        "  c: {issuer: 'https://c.test/', audience: [orders],\n"
        "      jwks: {url: 'https://c.test/keys', refresh: 5m, cooldown: 10s}}\n"
        "routes:\n"
        "  - {match: /a, to: 'http://b', issuers: [own, a]}\n"
        "  - {match: /b, to: 'http://b', issuers: [b, c]}\n"
        "  - {match: /c, to: 'http://b'}\n");
    ASSERT_TRUE(loaded.ok()) << to_string(loaded.errors);
    EXPECT_THAT(loaded.warnings, IsEmpty()) << to_string(loaded.warnings);
    const auto& settings = loaded.settings;
    EXPECT_EQ(settings.issuers.at("a").jwks.file_text, "keys");
    EXPECT_EQ(settings.issuers.at("b").secret.reveal(), std::string(32, 's'));
    EXPECT_FALSE(settings.issuers.at("b").is_fetched());
    EXPECT_TRUE(settings.issuers.at("c").is_fetched());
    EXPECT_EQ(settings.routes[0].believed, 0b0011U);
    EXPECT_EQ(settings.routes[1].believed, 0b1100U);
    EXPECT_EQ(settings.routes[2].believed, own_issuer) << "nobody else by default";
    EXPECT_THAT(loaded.files, Contains((folder / "jwks.json").string()));
    for (const auto& shown : *settings.shown) EXPECT_THAT(shown.value, Not(HasSubstr("sss")));
}

struct Mistake {
    const char* name;
    std::string issuer; // lines of `idp`
    std::string route;
    const char* key;
    const char* expected;
};

TEST_F(IssuersTest, SayWhatIsWrong)
{
    const Mistake mistakes[] = {
        {"no audience",              "issuer: 'https://id.test'",                                 "",             "issuers.idp.audience",
         "open this gateway"                                                                                                                                        },
        {"ourselves",                "issuer: gatehouse, audience: [a], jwks: {file: jwks.json}", "",
         "issuers.idp.issuer",                                                                                                                 "this gateway itself"},
        {"nowhere to look",          "issuer: them, audience: [a]",                               "",             "issuers.idp",
         "no place for its keys"                                                                                                                                    },
        {"two places",               good + ", jwks: {url: 'https://a', file: jwks.json}",        "",             "issuers.idp",
         "several places"                                                                                                                                           },
        {"a JWKS and a secret",      good + ", jwks: {file: jwks.json}, secret_file: secret",     "",
         "issuers.idp",                                                                                                                        "several places"     },
        {"a file that is not there", good + ", jwks: {file: no.json}",                            "",             "issuers.idp.jwks.file",
         "No such file"                                                                                                                                             },
        {"a short secret",           good + ", secret_file: short",                               "",             "issuers.idp.secret_file",
         "less than 32 bytes"                                                                                                                                       },
        {"HS256 by a list",          good + ", algorithms: [RS256, HS256]",                       "",             "issuers.idp.algorithms[1]",
         "secret"                                                                                                                                                   },
        {"the algorithm none",       good + ", algorithms: [none]",                               "",             "issuers.idp.algorithms[0]",
         "no algorithm"                                                                                                                                             },
        {"algorithms of a secret",   good + ", secret_file: secret, algorithms: [RS256]",         "",
         "issuers.idp.algorithms",                                                                                                             "HS256"              },
        {"no algorithm",             good + ", algorithms: []",                                   "",             "issuers.idp.algorithms",    "empty"              },
        {"no type",                  good + ", typ: []",                                          "",             "issuers.idp.typ",           "empty"              },
        {"refresh tokens",           good + ", typ: [RT+jwt]",                                    "",             "issuers.idp.typ[0]",        "no access token"    },
        {"a user in the URL",        good + ", jwks: {url: 'https://u:p@a/keys'}",                "",
         "issuers.idp.jwks.url",                                                                                                               "not the URL"        },
        {"a query in the URL",       good + ", jwks: {url: 'https://a/keys?x=1'}",                "",
         "issuers.idp.jwks.url",                                                                                                               "not the URL"        },
        {"any audience and one",     good + ", any_audience: true",                               "",             "issuers.idp.any_audience",
         "without meaning"                                                                                                                                          },
        {"roles from nowhere",       good + ", roles: {admin: [a]}",                              "",             "issuers.idp.roles",         "go by"              },
        {"a role for all",           good + ", roles_from: r, roles: {'*': [a]}",                 "",             "issuers.idp.roles",
         "no role"                                                                                                                                                  },
        {"a leeway of hours",        good + ", leeway: 1h",                                       "",             "issuers.idp.leeway",        "0 to 1m"            },
        {"a route without tokens",   good,                                                        ", auth: none", "routes[0].issuers",         "auth: none"         },
    };
    for (const auto& mistake : mistakes) {
        SCOPED_TRACE(mistake.name);
        const auto loaded = load_one(mistake.issuer, mistake.route);
        ASSERT_EQ(loaded.errors.size(), 1U) << to_string(loaded.errors);
        EXPECT_EQ(loaded.errors.front().key, mistake.key);
        EXPECT_THAT(to_string(loaded.errors), HasSubstr(mistake.expected));
    }
}

TEST_F(IssuersTest, AreAllDifferent)
{
    const std::string routes = "routes: [{match: /a, to: 'http://b', issuers: [a, b]}]\n";
    EXPECT_THAT(
        to_string(load("issuers: {a: {" + good + "}, b: {" + good + "}}\n" + routes).errors),
        HasSubstr("another one in `issuers`"));
    const auto shared = "issuers: {a: {issuer: a, audience: [x], secret_file: secret}, b: {issuer: "
                        "b, audience: [x], secret_file: secret}}\n" +
                        routes;
    EXPECT_THAT(to_string(load(shared).errors), HasSubstr("used for other tokens too"));
    const Environment ours{
        {"ACCESS_TOKEN_SECRET",  std::string(32, 's')},
        {"REFRESH_TOKEN_SECRET", std::string(32, 'r')}
    };
    EXPECT_THAT(to_string(load("tokens: {algorithm: HS256}\nissuers: {a: {issuer: a, audience: "
                               "[x], secret_file: secret}}\nroutes: [{match: /a, to: 'http://b', "
                               "issuers: [a]}]\n",
                               ours)
                              .errors),
                HasSubstr("used for other tokens too"));
    EXPECT_THAT(to_string(load("issuers: {own: {" + good + "}}\n").errors),
                HasSubstr("call this gateway itself"));
    EXPECT_THAT(to_string(load("issuers: {'a:b': {" + good + "}}\n").errors),
                HasSubstr("not a name for an issuer"));
}

TEST_F(IssuersTest, AreNamedByRoutesThatCanBelieveThem)
{
    const std::pair<const char*, const char*> rows[] = {
        {"issuers: [idq]",                          "is no issuer"           },
        {"issuers: []",                             "nobody's token"         },
        {"issuers: [idp], session_cookie: true",    "needs a session of this"},
        {"issuers: [idp], auth: {require: [totp]}", "needs a session of this"},
    };
    for (const auto& [route, expected] : rows) {
        SCOPED_TRACE(route);
        const auto loaded = load("issuers: {idp: {" + good +
                                 "}}\nroutes: [{match: /a, to: "
                                 "'http://b', " +
                                 std::string(route) + "}]\n");
        EXPECT_THAT(to_string(loaded.errors), HasSubstr(expected));
    }
}

TEST_F(IssuersTest, WarnOfWhatIsWeakOrWithoutEffect)
{
    const std::pair<std::string, const char*> rows[] = {
        {"issuer: x, any_audience: true, jwks: {file: jwks.json}",      "TOKENS FOR ANY OTHER"},
        {"issuer: x, audience: [a], jwks: {url: 'http://keys.test/k'}", "WHOEVER SITS BETWEEN"},
        {"issuer: 'http://id.test', audience: [a]",                     "WHOEVER SITS BETWEEN"},
    };
    for (const auto& [lines, expected] : rows) {
        const auto loaded = load_one(lines);
        EXPECT_TRUE(loaded.ok()) << to_string(loaded.errors);
        EXPECT_THAT(to_string(loaded.warnings), HasSubstr(expected));
    }
    EXPECT_THAT(load_one("issuer: x, audience: [a], jwks: {url: 'http://127.0.0.1:1/k'}").warnings,
                IsEmpty());
    EXPECT_THAT(to_string(load("issuers: {idp: {" + good + "}}\n").warnings),
                HasSubstr("no route believes it"));
    for (const auto& [auth, missing] : {
             std::pair{"{roles: [admin]}",          "roles_from" },
             std::pair{"{scopes: [a]}",             "scopes_from"},
             std::pair{"{claims: {org.plan: pro}}", "told_claims"}
    }) {
        EXPECT_THAT(to_string(load_one(good, std::string(", auth: ") + auth).warnings),
                    HasSubstr(std::string("issuers.idp.") + missing));
    }
    const auto told = load_one(good + ", told_claims: [org.plan], roles_from: r, scopes_from: s",
                               ", auth: {roles: [admin], scopes: [a], claims: {org.plan: pro}}");
    EXPECT_THAT(told.warnings, IsEmpty()) << to_string(told.warnings);
}

TEST_F(IssuersTest, TakeNewKeysFromTheSameFiles)
{
    const auto lines = good + ", jwks: {file: jwks.json}";
    const auto running = load_one(lines).settings;
    auto wanted = load_one(lines).settings;
    EXPECT_THAT(settle_differences(running, wanted).take_effect, IsEmpty());
    write("jwks.json", "other keys");
    wanted = load_one(lines).settings;
    EXPECT_THAT(settle_differences(running, wanted).take_effect, ElementsAre("issuers.idp"));
}

} // namespace
} // namespace gatehouse::config
