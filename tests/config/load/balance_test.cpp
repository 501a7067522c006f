#include "config/load/load.hpp"

#include <gmock/gmock.h>

#include <string>

namespace gatehouse::config {
namespace {

using testing::HasSubstr;

Loaded load(const std::string& upstream)
{
    return load_text("registration: closed\ntokens: {issuer: me}\nupstreams:\n  a: {" + upstream +
                         "}\n  b: {endpoints: ['http://b'], sticky_cookie: {name: taken}}\n"
                         "routes: [{match: /a, to: a}, {match: /b, to: b}]\n",
                     "g.yaml", {});
}

/// The first error or warning, "" when it is good.
std::string judged(const std::string& upstream)
{
    const auto loaded = load(upstream);
    const auto& found = loaded.errors.empty() ? loaded.warnings : loaded.errors;
    return found.empty() ? "" : found.front().key + ": " + found.front().message;
}

TEST(BalanceSettings, MakeSenseTogether)
{
    struct Case {
        const char* name;
        const char* upstream;
        const char* problem; // "": none
    };

    const Case cases[] = {
        {"URLs alone",          "endpoints: ['http://a', 'http://b:1']",                                 ""                                        },
        {"a URL and a map",     "endpoints: ['http://a', {url: 'http://b', weight: 3}]",                 ""                                        },
        {"a socket",            "endpoints: ['unix:/run/app.sock']",                                     ""                                        },
        {"least requests",      "endpoints: ['http://a'], balance: least_requests",                      ""                                        },
        {"hash",                "endpoints: ['http://a'], balance: hash, hash_on: 'header:X-Tenant'",    ""                                        },
        {"no weight is left",   "endpoints: [{url: 'http://a', weight: 0}]",
         "upstreams.a.endpoints: all weights are 0"                                                                                                },
        {"too much weight",     "endpoints: [{url: 'http://a', weight: 1001}]",
         "upstreams.a.endpoints[0].weight: \"1001\" is out of range"                                                                               },
        {"no URL",              "endpoints: [{weight: 1}]",                                              "upstreams.a.endpoints[0].url: is missing"},
        {"a key too many",      "endpoints: [{url: 'http://a', wieght: 1}]",
         "upstreams.a.endpoints[0].wieght: unknown key"                                                                                            },
        {"one endpoint twice",  "endpoints: ['http://a', {url: 'http://a', weight: 2}]",
         "upstreams.a.endpoints[1]: \"http://a\" stands in this list already"                                                                      },
        {"no list",             "endpoints: 'http://a'",                                                 "upstreams.a.endpoints: expected a list"  },
        {"a socket somewhere",  "endpoints: ['unix:app.sock']",
         "upstreams.a.endpoints[0]: \"app.sock\" is not a path from the root"                                                                      },
        {"nothing to hash",     "endpoints: ['http://a'], balance: hash",
         "upstreams.a.balance: there is nothing to hash"                                                                                           },
        {"hashed by nobody",    "endpoints: ['http://a'], hash_on: user",
         "upstreams.a.hash_on: nothing is hashed here"                                                                                             },
        {"an unknown key",      "endpoints: ['http://a'], balance: hash, hash_on: usr",
         "upstreams.a.hash_on: \"usr\" is nothing that requests are told apart by"                                                                 },
        {"no header",           "endpoints: ['http://a'], balance: hash, hash_on: 'header:'",
         "upstreams.a.hash_on: \"\" is not a header name"                                                                                          },
        {"a cookie of ours",    "endpoints: ['http://a'], sticky_cookie: {name: refresh_token}",
         "upstreams.a.sticky_cookie.name: \"refresh_token\" is a cookie of Gatehouse itself"                                                       },
        {"a cookie of another", "endpoints: ['http://a'], sticky_cookie: {name: taken}",
         "upstreams.b.sticky_cookie.name: \"taken\" is taken by upstreams.a"                                                                       },
        {"a cookie of no name", "endpoints: ['http://a'], sticky_cookie: {}",
         "upstreams.a.sticky_cookie.name: is missing"                                                                                              },
        {"slow and hashed",     "endpoints: ['http://a'], balance: hash, hash_on: user, slow_start: 5s",
         "upstreams.a.slow_start: has no meaning"                                                                                                  },
        {"a server by name",    "endpoints: ['http://a'], resolve: {server: 'dns:53'}",
         "upstreams.a.resolve.server: \"dns:53\" is not the address of a DNS server"                                                               },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        if (*c.problem == '\0') {
            EXPECT_EQ(judged(c.upstream), "");
        } else {
            EXPECT_THAT(judged(c.upstream), HasSubstr(c.problem));
        }
    }
}

TEST(BalanceSettings, ReadWeights)
{
    const auto loaded = load("endpoints: ['http://a', {url: 'http://b', weight: 3}]");
    ASSERT_TRUE(loaded.errors.empty());
    const auto& endpoints = loaded.settings.upstreams.at("a").endpoints;
    EXPECT_THAT(endpoints, testing::ElementsAre(EndpointSettings("http://a", 1),
                                                EndpointSettings("http://b", 3)));
}

} // namespace
} // namespace gatehouse::config
