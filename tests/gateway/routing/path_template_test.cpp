#include "gateway/routing/path_template.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace gatehouse::gateway {
namespace {

std::optional<std::string> rewritten(const char* match, const char* to, const char* path,
                                     bool params = false)
{
    const PathTemplate made(match, *config::parse_path_template(to));
    std::string out;
    if (!made.expand(path, params, out)) return std::nullopt;
    return out;
}

TEST(PathTemplate, PutsTogetherWhatTheStarsStoodFor)
{
    struct Case {
        const char* match;
        const char* to;
        const char* path;
        const char* expected;
    };

    const Case cases[] = {
        {"/a/**",    "/v2/{rest}",  "/a/b/c",        "/v2/b/c"      },
        {"/a/**",    "/v2/{rest}",  "/a",            "/v2/"         },
        {"/a/**",    "/v2/{rest}",  "/a/",           "/v2/"         },
        {"/a/**",    "/v2/{rest}",  "/a/b/",         "/v2/b/"       },
        {"/**",      "/v2/{rest}",  "/",             "/v2/"         },
        {"/**",      "/{rest}",     "/evil.example", "/evil.example"},
        {"/a/**",    "/{rest}/z",   "/a",            "/z"           },
        {"/a/**",    "/v2{path}",   "/a/b",          "/v2/a/b"      },
        {"/a/*/b/*", "/{2}/{1}",    "/a/1/b/2",      "/2/1"         },
        {"/u/*",     "/u/{1}.json", "/u/x",          "/u/x.json"    },
        {"/u/*",     "/u/{1}",      "/u/%40me",      "/u/%40me"     },
        {"/u/*",     "/u/{1}",      "/u/%C3%AB%20b", "/u/%C3%AB%20b"},
        {"/u/*",     "/v/%7Bx/{1}", "/u/a",          "/v/%7Bx/a"    },
        {"/%75/**",  "/{rest}",     "/u/a",          "/a"           },
        {"/a/**",    "/fixed",      "/a/b",          "/fixed"       },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(std::string(c.to) + " of " + c.path);
        EXPECT_EQ(rewritten(c.match, c.to, c.path), c.expected);
    }
}

TEST(PathTemplate, MakesNothingThatWouldBeJudgedAnew) // rewrite.judged_again
{
    struct Case {
        const char* match;
        const char* to;
        const char* path;
    };

    const Case cases[] = {
        {"/a/**",  "/safe/.{rest}",  "/a"       }, // `/safe/.`
        {"/a/**",  "/safe/..{rest}", "/a"       }, // above
        {"/a/*",   "/x/%25{1}",      "/a/2f"    }, // an escape of an escape
        {"/a/*",   "/x/%25{1}",      "/a/2e2e"  },
        {"/a/*/*", "/x/{1}{2}",      "/a/%25/41"},
        {"/a/*",   "/x/{1}",         "/a/b;c=d" }, // without `allow_path_params`
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(std::string(c.to) + " of " + c.path);
        EXPECT_EQ(rewritten(c.match, c.to, c.path), std::nullopt);
    }
    EXPECT_EQ(rewritten("/a/*", "/x/{1}", "/a/b;c=d", true), "/x/b;c=d");
    EXPECT_EQ(rewritten("/a/*", "/x/.{1}", "/a/b", true), "/x/.b");
    EXPECT_EQ(rewritten("/a/*", "/x/..{1}", "/a/;c", true), std::nullopt); // `..;c`
}

} // namespace
} // namespace gatehouse::gateway
