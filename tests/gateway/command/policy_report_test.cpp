#include "config/load/load.hpp"
#include "gateway/command/policy_report.hpp"
#include "gateway/command/route_review.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using testing::HasSubstr;

config::Settings with_routes(const std::string& routes)
{
    auto loaded = config::load_text("routes:\n" + routes, "g.yaml", {});
    EXPECT_TRUE(loaded.ok()) << to_string(loaded.errors);
    return std::move(loaded.settings);
}

/// Each on a line: `!` for a warning, the route, and what is found.
std::string found(const std::string& routes)
{
    std::string text;
    for (const auto& one : policy_findings(with_routes(routes))) {
        text += std::string(one.warning ? "!" : "-") + std::to_string(one.route) + " " + one.what +
                "\n";
    }
    return text;
}

TEST(PolicyReport, ProvesWhatRequestsMeet)
{
    struct Case {
        const char* name;
        const char* routes;
        const char* expected; // "": nothing
    };

    const Case cases[] = {
        {"a plain setting",
         "  - {match: /public/**, auth: none, to: 'http://a:1'}\n"
         "  - {match: /api/**, to: 'http://a:1'}\n",                                                                                          ""                                                                             },
        {"reading is open and writing is not",
         "  - {match: /a, methods: [GET], auth: none, to: 'http://a:1'}\n"
         "  - {match: /a, methods: [POST], to: 'http://a:1'}\n",                                                                              ""                                                                             },
        {"all that it fits is taken",
         "  - {match: /a/**, to: 'http://a:1'}\n"
         "  - {match: /a, to: 'http://a:1'}\n"
         "  - {match: /a/, to: 'http://a:1'}\n"
         "  - {match: /a/*/**, to: 'http://a:1'}\n",                                                                                          "!0 no request reaches this route"                                             },
        {"open inside guarded",
         "  - {match: /api/**, to: 'http://a:1'}\n"
         "  - {match: /api/health, auth: none, to: 'http://a:1'}\n",                                                                          "-1 open (everybody) inside routes[0] (/api/**), which asks for a token"       },
        {"open inside open",
         "  - {match: /**, to: 'http://a:1'}\n"
         "  - {match: /p/**, auth: none, to: 'http://a:1'}\n"
         "  - {match: /p/q/**, auth: none, to: 'http://a:1'}\n",                                                                              "-1 open (everybody) inside routes[0]"                                         },
        {"reading is guarded and writing is not",
         "  - {match: /a, methods: [GET], to: 'http://a:1'}\n"
         "  - {match: /a, methods: [POST], auth: none, to: 'http://a:1'}\n",                                                                  "!1 POST of this path is open, although GET is guarded"                        },
        {"and so is all else",
         "  - {match: /a, methods: [GET], to: 'http://a:1'}\n"
         "  - {match: /a, auth: none, to: 'http://a:1'}\n",                                                                                   "!1 every other method of this path are open, although GET is guarded"         },
        {"another Host leads around it",
         "  - {match: /admin/**, host: api.example, to: 'http://a:1'}\n"
         "  - {match: /**, auth: none, to: 'http://a:1'}\n",                                                                                  "!0 for another Host the same path is open: routes[1]"                         },
        {"another Host leads around it by a method that is not its first",
         "  - {match: /a/**, host: api.example, methods: [GET, POST], to: 'http://a:1'}\n"
         "  - {match: /a/**, methods: [POST], auth: none, to: 'http://a:1'}\n",                                                               "!0 for another Host the same path is open: routes[1]"                         },
        {"another Host leads around all methods by one of them",
         "  - {match: /a/**, host: api.example, to: 'http://a:1'}\n"
         "  - {match: /a/**, methods: [DELETE], auth: none, to: 'http://a:1'}\n",                                                             "!0 for another Host the same path is open: routes[1]"                         },
        {"another Host inside the same star leads around it",
         "  - {match: /**, host: admin.example.com, to: 'http://a:1'}\n"
         "  - {match: /**, host: '*.example.com', auth: none, to: 'http://a:1'}\n",                                                           "!0 for another Host the same path is open: routes[1]"                         },
        {"the star of another domain is another site",
         "  - {match: /**, host: admin.example.com, to: 'http://a:1'}\n"
         "  - {match: /**, host: '*.example.org', auth: none, to: 'http://a:1'}\n",                                                           ""                                                                             },
        {"another Host leads to other methods",
         "  - {match: /a/**, host: api.example, methods: [POST], to: 'http://a:1'}\n"
         "  - {match: /a/**, methods: [GET], auth: none, to: 'http://a:1'}\n",                                                                "-0 GET here is 405 (Allow: POST)"                                             },
        {"reading is open and all else is not",
         "  - {match: /a/**, to: 'http://a:1'}\n"
         "  - {match: /a/**, methods: [GET], auth: none, to: 'http://a:1'}\n",                                                                ""                                                                             },
        {"what is open is so for each Host",
         "  - {match: /a/**, host: api.example, to: 'http://a:1'}\n"
         "  - {match: /a/**, host: api.example, methods: [GET], auth: none, to: 'http://a:1'}\n"
         "  - {match: /a/**, methods: [GET], auth: none, to: 'http://a:1'}\n",                                                                ""                                                                             },
        {"a redirect that keeps its method",
         "  - {match: /old, methods: [POST], redirect: {to: /new}}\n"
         "  - {match: /new, methods: [POST], to: 'http://a:1'}\n",                                                                            ""                                                                             },
        {"a redirect that makes a GET of it",
         "  - {match: /old, methods: [POST], redirect: {to: /new, status: 303}}\n"
         "  - {match: /new, methods: [POST], to: 'http://a:1'}\n",                                                                            "!0 leads to /new, where no route is"                                          },
        {"a redirect of any method to where one is taken",
         "  - {match: /old, redirect: {to: /new}}\n"
         "  - {match: /new, methods: [POST], to: 'http://a:1'}\n",                                                                            ""                                                                             },
        {"a redirect of two methods to where the second is taken",
         "  - {match: /old, methods: [GET, POST], redirect: {to: /new}}\n"
         "  - {match: /new, methods: [POST], to: 'http://a:1'}\n",                                                                            ""                                                                             },
        {"methods that fall nowhere",
         "  - {match: /a/b, methods: [GET], to: 'http://a:1'}\n"
         "  - {match: /a/**, to: 'http://a:1'}\n",                                                                                            "-0 POST here is 405 (Allow: GET, HEAD) and does not fall to routes[1] (/a/**)"},
        {"a redirect to no route",
         "  - {match: /old/**, auth: none, redirect: {to: '/new/{rest}'}}\n",                                                                 "!0 leads to /new/~gatehouse~, where no route is"                              },
        {"a redirect to itself",                                           "  - {match: /a/**, auth: none, redirect: {to: '/a/x/{rest}'}}\n",
         "!0 leads in a circle: routes[0]"                                                                                                                                                                                   },
        {"two that lead to each other",
         "  - {match: /a, auth: none, redirect: {to: /b}}\n"
         "  - {match: /b, auth: none, redirect: {to: /a}}\n",                                                                                 "!0 leads in a circle"                                                         },
        {"a redirect to a page of ours",
         "  - {match: /in, auth: none, redirect: {to: /auth/portal/}}\n",                                                                     ""                                                                             },
        {"only reported is open",
         "  - {match: /**, to: 'http://a:1'}\n"
         "  - {match: /a/**, to: 'http://a:1', report_only: true}\n",                                                                         "-1 open (EVERYBODY (report only: a token)) inside routes[0]"                  },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto text = found(c.routes);
        if (*c.expected == '\0') {
            EXPECT_EQ(text, "");
        } else {
            EXPECT_THAT(text, HasSubstr(c.expected));
        }
    }
    EXPECT_EQ(found(cases[4].routes).find("-2"), std::string::npos) << "/p/** is open already";
}

TEST(PolicyReport, ListsRoutesForAReview)
{
    EXPECT_EQ(
        route_table(with_routes(
            "  - {match: /**, auth: none, to: 'http://a:1'}\n"
            "  - {match: /admin/**, methods: [GET, POST], to: 'http://b:1', api_keys: false,"
            " max_auth_age: 5m, auth: {roles: [admin, root], scopes: [s], claims: {sub: [a, b]}}}\n"
            "  - {match: /old, host: a.example, redirect: {to: /new}}\n")),
        "routes[2]  * a.example/old\n    who: a token\n    to:  308 /new\n"
        "routes[1]  GET,POST /admin/**\n    who: a token with one of the roles admin, root, "
        "the scope s, sub a or b, a login of the last 300 s; no API keys\n    to:  http://b:1\n"
        "routes[0]  * /**\n    who: everybody\n    to:  http://a:1\n");
}

} // namespace
} // namespace gatehouse::gateway
