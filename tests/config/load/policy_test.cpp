#include "config/load/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string here = "listen: [{address: '127.0.0.1:80'}]\n"; // no warning of the issuer

Loaded load_auth(const std::string& auth, const std::string& more = "")
{
    const auto routes = "\nroutes:\n  - {match: /a, to: 'http://a:1', auth: " + auth + "}";
    return load_text(here + "registration: closed\n" + more + routes, "g.yaml", {});
}

TEST(Policy, AsksForRolesScopesAndClaims)
{
    const auto loaded = load_auth(
        R"({roles: [admin, root], scopes: [orders.read, "urn:x/y"], claims: {org.plan: pro, sub: [a, "1"]}})",
        "tokens: {role_scopes: {'*': [urn:x/y], admin: [orders.read, orders.write]}}\n"
        "auth: {contract: {claims: {org: {plan: pro}}}}");
    ASSERT_TRUE(loaded.ok()) << to_string(loaded.errors);
    EXPECT_THAT(loaded.warnings, IsEmpty()) << to_string(loaded.warnings);
    const auto& route = loaded.settings.routes.front();
    EXPECT_EQ(route.auth, AuthMode::required);
    EXPECT_THAT(route.roles, ElementsAre("admin", "root"));
    EXPECT_THAT(route.scopes, ElementsAre("orders.read", "urn:x/y"));
    ASSERT_EQ(route.claims.size(), 2U);
    EXPECT_EQ(route.claims[0].path, "org.plan");
    EXPECT_THAT(route.claims[0].any_of, ElementsAre("pro"));
    EXPECT_THAT(route.claims[1].any_of, ElementsAre("a", "1"));
    const auto& by_role = loaded.settings.tokens.role_scopes;
    EXPECT_THAT(by_role.at("*"), ElementsAre("urn:x/y"));
    EXPECT_THAT(by_role.at("admin"), ElementsAre("orders.read", "orders.write"));
}

TEST(Policy, SaysWhatIsWrongWithARule)
{
    struct Case {
        const char* name;
        const char* auth;
        const char* expected;
    };

    const Case cases[] = {
        {"nothing at all",         "{}",                           "routes[0].auth.roles: is missing"       },
        {"a mode and roles",       "{required: true, roles: [a]}", "unknown key \"required\""               },
        {"a slip of the pen",      "{role: [a]}",                  "did you mean \"roles\""                 },
        {"no scopes",              "{scopes: []}",                 "routes[0].auth.scopes: is empty"        },
        {"one scope alone",        "{scopes: orders.read}",        "write [orders.read]"                    },
        {"two scopes in one",      "{scopes: ['a b']}",            "\"a b\" is not a scope"                 },
        {"a scope with a quote",   "{scopes: ['a\"b']}",           "is not a scope"                         }, // ends the challenge
        {"a scope twice",          "{scopes: [a, a]}",             "routes[0].auth.scopes[1]"               },
        {"claims as a list",       "{claims: [org.plan]}",         "expected a map of keys, found a list"   },
        {"no claims",              "{claims: {}}",                 "routes[0].auth.claims: is empty"        },
        {"a claim's name nowhere", "{claims: {'a..b': c}}",        "\"a..b\" is not the path of a claim"    },
        {"no value",               "{claims: {sub: }}",            "routes[0].auth.claims.sub: has no value"},
        {"an empty value",         "{claims: {sub: ''}}",          "routes[0].auth.claims.sub: is empty"    },
        {"an empty list",          "{claims: {sub: []}}",          "routes[0].auth.claims.sub: is empty"    },
        {"a claim drawn",          "{claims: {org: {plan: pro}}}", "write the whole path with dots"         },
        {"a list in a list",       "{claims: {sub: [[a]]}}",       "expected a single value, found a list"  },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto loaded = load_auth(c.auth);
        EXPECT_EQ(loaded.errors.size(), 1U) << to_string(loaded.errors);
        EXPECT_THAT(to_string(loaded.errors), HasSubstr(c.expected));
    }
}

TEST(Policy, SaysWhatIsWrongWithTheScopesOfARole)
{
    struct Case {
        const char* name;
        const char* scopes;
        const char* expected;
    };

    const Case cases[] = {
        {"a list",               "[admin]",                "expected a map of keys"},
        {"no list",              "{admin: orders.read}",   "write [orders.read]"   },
        {"a role that is none",  "{'a,b': [orders.read]}", "is not a role"         },
        {"a scope that is none", "{admin: ['a b']}",       "is not a scope"        },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto loaded =
            load_text(std::string("tokens: {role_scopes: ") + c.scopes + "}", "g.yaml", {});
        EXPECT_EQ(loaded.errors.size(), 1U) << to_string(loaded.errors);
        EXPECT_THAT(to_string(loaded.errors), HasSubstr(c.expected));
    }
}

TEST(Policy, WarnsOfWhatNobodyCanHave)
{
    const auto scopes = "tokens: {role_scopes: {admin: [orders.read]}}";

    struct Case {
        const char* name;
        const char* auth;
        const char* more;
        const char* expected; // empty: no warning
    };

    const Case cases[] = {
        {"a scope that no role brings", "{scopes: [order.read]}",    scopes,
         "did you mean \"orders.read\""                                                                                  },
        {"one that a role brings",      "{scopes: [orders.read]}",   scopes,                                           ""},
        {"where no role brings any",    "{scopes: [orders.read]}",   "",                                               ""},
        {"a claim of no token",         "{claims: {org.plan: pro}}", "",
         "no access token has \"org.plan\""                                                                              },
        {"an object",                   "{claims: {org: pro}}",      "auth: {contract: {claims: {org: {plan: pro}}}}",
         "no access token has \"org\""                                                                                   },
        {"one of ours",                 "{claims: {sub: a}}",        "",                                               ""},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto loaded = load_auth(c.auth, c.more);
        EXPECT_TRUE(loaded.ok()) << to_string(loaded.errors);
        const auto shown = to_string(loaded.warnings);
        EXPECT_EQ(loaded.warnings.size(), *c.expected == '\0' ? 0U : 1U) << shown;
        EXPECT_THAT(shown, HasSubstr(c.expected));
    }
}

TEST(Policy, IsMoreThanBeingRegistered)
{
    const auto open = [](const std::string& auth) {
        return load_text(here + "routes: [{match: /a, to: 'http://a:1', auth: " + auth + "}]",
                         "g.yaml", {});
    };
    EXPECT_THAT(to_string(open("required").warnings), HasSubstr("anyone may register"));
    EXPECT_THAT(open("{scopes: [x]}").warnings, IsEmpty());
    EXPECT_THAT(open("{claims: {sub: x}}").warnings, IsEmpty());
}

} // namespace
} // namespace gatehouse::config
