#include "config/routes/pattern.hpp"
#include "gateway/routing/router.hpp"
#include "tests/gateway/support/allocation_count.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace gatehouse::gateway {
namespace {

config::RouteSettings route(std::string match, std::vector<std::string> methods = {},
                            std::string host = {})
{
    config::RouteSettings settings;
    settings.to = match; // each has an upstream of its own, so that tests can tell them apart
    settings.match = std::move(match);
    settings.methods = std::move(methods);
    settings.host = std::move(host);
    return settings;
}

/// What was chosen, in words: the route's match (and methods), "404" or "405 Allow".
std::string chosen(const Router& router, std::string_view host, std::string_view path,
                   std::string_view method = "GET")
{
    const auto match = router.match(host, path, method);
    if (match.route == nullptr) {
        return match.allow.empty() ? "404" : "405 " + std::string{match.allow};
    }
    std::string text = match.route->settings->host + match.route->settings->match;
    for (const auto& listed : match.route->settings->methods) text += " " + listed;
    return text;
}

TEST(Router, ComparesSegmentBySegment)
{
    const std::vector<config::RouteSettings> routes = {
        route("/"),           route("/a"),          route("/a/"),      route("/a/**"),
        route("/a/b"),        route("/a/*/c"),      route("/a/b/d"),   route("/users/%40me"),
        route("/users/*"),    route("/files/%2A"),  route("/only/**"), route("/x/*/y/*"),
        route("/x/1/*/last"), route("/case/Upper"),
    };
    const Router router{routes};

    struct Case {
        std::string_view path;
        std::string_view expected;
    };

    const Case cases[] = {
        {"/",                "/"           },
        {"/a",               "/a"          },
        {"/a/",              "/a/"         },
        {"/a/x",             "/a/**"       },
        {"/a/b",             "/a/b"        },
        {"/a/b/",            "/a/**"       },
        {"/a/b/c",           "/a/*/c"      }, // a literal dead end is left again
        {"/a/b/d",           "/a/b/d"      },
        {"/a/x/c",           "/a/*/c"      },
        {"/a/x/c/",          "/a/**"       },
        {"/users/@me",       "/users/%40me"}, // remaining escapes are compared decoded
        {"/users/%40me",     "/users/%40me"},
        {"/users/%40Me",     "/users/*"    },
        {"/users/x",         "/users/*"    },
        {"/users/",          "404"         }, // `*` is one segment that is not empty
        {"/users",           "404"         },
        {"/users/x/y",       "404"         },
        {"/files/*",         "/files/%2A"  }, // an escaped star is no wildcard
        {"/files/%2a",       "/files/%2A"  },
        {"/files/x",         "404"         },
        {"/only",            "/only/**"    }, // `**` is also nothing
        {"/only/",           "/only/**"    },
        {"/only/a/b/c",      "/only/**"    },
        {"/onlyx",           "404"         },
        {"/x/1/y/2",         "/x/*/y/*"    },
        {"/x/1/y/last",      "/x/1/*/last" },
        {"/case/Upper",      "/case/Upper" },
        {"/case/upper",      "404"         },
        {"/A",               "404"         },
        {"/a;v=1/b;x",       "/a/b"        }, // parameters take no part
        {"/users/%40me;v=2", "/users/%40me"},
        {"/%C3%A9",          "404"         },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.path);
        EXPECT_EQ(chosen(router, "any.example", c.path), c.expected);
    }
}

TEST(Router, PrefersTheExactHostThenTheWildcardThenNone)
{
    const std::vector<config::RouteSettings> routes = {
        route("/**"),
        route("/x"),
        route("/**", {}, "*.example.com"),
        route("/y", {}, "*.example.com"),
        route("/**", {"POST"}, "api.example.com"),
        route("/z", {}, "API.Example.com"),
        route("/v6", {}, "[::1]"),
    };
    const Router router{routes};

    struct Case {
        std::string_view host;
        std::string_view path;
        std::string_view expected;
    };

    const Case cases[] = {
        {"api.example.com",           "/z",  "API.Example.com/z"},
        {"API.EXAMPLE.COM:8080",      "/z",  "API.Example.com/z"},
        {"api.example.com.",          "/z",  "API.Example.com/z"}, // an absolute name
        {"api.example.com.:80",       "/z",  "API.Example.com/z"},
        {"api.example.com",           "/x",  "405 POST"         }, // host and path choose first
        {"web.example.com",           "/x",  "*.example.com/**" }, // a host before a path
        {"web.example.com",           "/y",  "*.example.com/y"  },
        {"a.b.example.com",           "/y",  "/**"              }, // one label
        {"example.com",               "/x",  "/x"               },
        {".example.com",              "/x",  "/x"               },
        {"",                          "/x",  "/x"               },
        {"evil-api.example.com.evil", "/z",  "/**"              },
        {"[::1]:8080",                "/v6", "[::1]/v6"         },
        {"[::1",                      "/v6", "/**"              },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(std::string{c.host} + " " + std::string{c.path});
        EXPECT_EQ(chosen(router, c.host, c.path), c.expected);
    }
}

TEST(Router, ChoosesMethodsOnlyAmongRoutesOfOneHostAndPath)
{
    const std::vector<config::RouteSettings> routes = {
        route("/**"), route("/a", {"GET"}),  route("/a", {"POST", "PUT"}), route("/b", {"GET"}),
        route("/b"),  route("/c", {"HEAD"}), route("/d", {"DELETE"}),
    };
    const Router router{routes};

    struct Case {
        std::string_view method;
        std::string_view path;
        std::string_view expected;
    };

    const Case cases[] = {
        {"GET",     "/a", "/a GET"                  },
        {"HEAD",    "/a", "/a GET"                  }, // GET covers HEAD
        {"PUT",     "/a", "/a POST PUT"             },
        {"DELETE",  "/a", "405 GET, POST, PUT, HEAD"}, // never the less specific /**
        {"OPTIONS", "/a", "405 GET, POST, PUT, HEAD"},
        {"get",     "/a", "405 GET, POST, PUT, HEAD"}, // methods are case-sensitive
        {"GET",     "/b", "/b GET"                  },
        {"HEAD",    "/b", "/b GET"                  },
        {"PATCH",   "/b", "/b"                      },
        {"get",     "/b", "405 GET, HEAD"           }, // it would be a GET for servers that fold
        {"Head",    "/b", "405 GET, HEAD"           },
        {"Patch",   "/b", "/b"                      }, // no route tells it from PATCH
        {"HEAD",    "/c", "/c HEAD"                 },
        {"GET",     "/c", "405 HEAD"                }, // HEAD does not cover GET
        {"HEAD",    "/d", "405 DELETE"              },
        {"BREW",    "/e", "/**"                     },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(std::string{c.method} + " " + std::string{c.path});
        EXPECT_EQ(chosen(router, "h", c.path, c.method), c.expected);
    }
}

TEST(Router, NumbersTheDistinctUpstreams)
{
    std::vector<config::RouteSettings> routes = {route("/a"), route("/b"), route("/c")};
    routes[0].to = "orders";
    routes[1].to = "http://web:3000";
    routes[2].to = "orders";
    const Router router{routes};
    EXPECT_EQ(router.upstreams(), (std::vector<std::string>{"orders", "http://web:3000"}));
    EXPECT_EQ(router.match("", "/a", "GET").route->upstream, 0U);
    EXPECT_EQ(router.match("", "/b", "GET").route->upstream, 1U);
    EXPECT_EQ(router.match("", "/c", "GET").route->upstream, 0U);
}

TEST(Router, WithoutRoutesKnowsNothing)
{
    const Router router{std::vector<config::RouteSettings>{}};
    EXPECT_EQ(chosen(router, "h", "/"), "404");
}

/// Reads every route for every request, by the functions the settings are checked with.
std::string chosen_slowly(const std::vector<config::RouteSettings>& routes, std::string_view host,
                          std::string_view path, std::string_view method)
{
    const auto segments = config::decoded_segments(path);
    std::vector<const config::RouteSettings*> best;
    for (const auto& candidate : routes) {
        const auto pattern = *config::parse_path_pattern(candidate.match);
        const auto name = *config::parse_host_pattern(candidate.host);
        if (!config::matches(pattern, segments) || !config::matches(name, host)) continue;
        auto order = std::strong_ordering::less;
        if (!best.empty()) {
            order = config::rank(name, *config::parse_host_pattern(best.front()->host));
            if (order == 0)
                order = config::rank(pattern, *config::parse_path_pattern(best.front()->match));
        }
        if (order < 0) best.clear();
        if (order <= 0) best.push_back(&candidate);
    }
    if (best.empty()) return "404";
    const auto with = [&](std::string_view wanted) -> const config::RouteSettings* {
        for (const auto* r : best) {
            if (std::ranges::find(r->methods, wanted) != r->methods.end()) return r;
        }
        return nullptr;
    };
    const auto* found = with(method);
    if (found == nullptr && method == "HEAD") found = with("GET");
    for (const auto* r : best) {
        if (found == nullptr && r->methods.empty()) found = r;
    }
    return found == nullptr ? "405" : found->to;
}

/// Random routes over few words, so that they overlap in every way; equal ones are left out.
std::vector<config::RouteSettings> random_routes(std::mt19937& random, std::size_t count)
{
    const std::vector<std::string> words = {"a", "b", "%40c", "*", "d%20e"};
    const std::vector<std::string> hosts = {"", "", "h.x", "*.x", "g.x"};
    const std::vector<std::vector<std::string>> methods = {{}, {"GET"}, {"POST"}};
    const auto any = [&](const auto& list) { return list[random() % list.size()]; };
    std::vector<config::RouteSettings> routes;
    while (routes.size() < count) {
        std::string match;
        for (auto depth = random() % 4; depth > 0; --depth) match += "/" + any(words);
        const auto tail = random() % 4;
        match += tail == 0 ? "/**" : tail == 1 || match.empty() ? "/" : "";
        auto next = route(match, any(methods), any(hosts));
        next.to = std::to_string(routes.size());
        const auto same = [&](const config::RouteSettings& r) {
            return r.match == next.match && r.host == next.host && r.methods == next.methods;
        };
        if (std::ranges::none_of(routes, same)) routes.push_back(next);
    }
    return routes;
}

TEST(Router, AgreesWithReadingEveryRoute)
{
    std::mt19937 random{20261121}; // NOLINT(bugprone-random-generator-seed): must repeat
    const std::vector<std::string> words = {"a", "b", "@c", "%40c", "d%20e", "z", "%61"};
    const std::vector<std::string> hosts = {"h.x", "g.x", "y.x", "x", "q.h.x"};
    const std::vector<std::string> methods = {"GET", "HEAD", "POST", "PUT"};
    const auto any = [&](const auto& list) { return list[random() % list.size()]; };
    for (int round = 0; round < 60; ++round) {
        const auto routes = random_routes(random, 1 + random() % 40);
        const Router router{routes};
        for (int i = 0; i < 60; ++i) {
            std::string path;
            for (auto depth = random() % 5; depth > 0; --depth) path += "/" + any(words);
            if (path.empty() || random() % 4 == 0) path += "/";
            const auto host = any(hosts);
            const auto method = any(methods);
            const auto match = router.match(host, path, method);
            const auto fast = match.route != nullptr ? match.route->settings->to
                              : match.allow.empty()  ? "404"
                                                     : "405";
            ASSERT_EQ(fast, chosen_slowly(routes, host, path, method)) << host << path << method;
        }
    }
}

TEST(Router, FindsOneOfTenThousandRoutesWithoutAllocating)
{
    std::vector<config::RouteSettings> routes;
    for (int i = 0; i < 10'000; ++i)
        routes.push_back(
            route("/service" + std::to_string(i % 100) + "/v" + std::to_string(i) + "/*"));
    const Router router{routes};
    EXPECT_EQ(chosen(router, "h", "/service77/v7777/x"), "/service77/v7777/*");
    if (!test::counts_allocations()) GTEST_SKIP();
    EXPECT_EQ(test::allocations_of([&] {
                  (void)router.match("A.example.com:8080", "/service77/v7777/%40x", "GET");
                  (void)router.match("A.example.com:8080", "/service77/none/%40x", "GET");
              }),
              0U);
}

} // namespace
} // namespace gatehouse::gateway
