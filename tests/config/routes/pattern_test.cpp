#include "config/routes/pattern.hpp"

#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

PathPattern path(std::string_view text)
{
    auto pattern = parse_path_pattern(text);
    EXPECT_TRUE(pattern) << text;
    return pattern ? *pattern : PathPattern{};
}

bool fits(std::string_view pattern, std::string_view request_path)
{
    return matches(path(pattern), decoded_segments(request_path));
}

TEST(PathPattern, FitsSegmentBySegmentWithEscapesDecoded)
{
    struct Case {
        const char* pattern;
        const char* path;
        bool expected;
    };

    const Case cases[] = {
        {"/",              "/",            true },
        {"/",              "/a",           false},
        {"/a",             "/a",           true },
        {"/a",             "/a/",          false},
        {"/a",             "/A",           false},
        {"/a/",            "/a/",          true },
        {"/a/",            "/a",           false},
        {"/a/*",           "/a/b",         true },
        {"/a/*",           "/a/b/",        false},
        {"/a/*",           "/a/b/c",       false},
        {"/a/*",           "/a/",          false},
        {"/a/*",           "/a",           false},
        {"/a/**",          "/a",           true },
        {"/a/**",          "/a/",          true },
        {"/a/**",          "/a/b/c/",      true },
        {"/a/**",          "/ab",          false},
        {"/**",            "/",            true },
        {"/**",            "/x/y",         true },
        {"/a/*/b/**",      "/a/1/b",       true },
        {"/a/*/b/**",      "/a/1/b/c",     true },
        {"/a/*/b/**",      "/a/b",         false},
        {"/users/%40me",   "/users/@me",   true },
        {"/users/@me",     "/users/%40me", true },
        {"/users/%40%6De", "/users/@me",   true },
        {"/a/%2A",         "/a/*",         true },
        {"/a/%2A",         "/a/b",         false},
        {"/a/%2a%2A",      "/a/**",        true },
        {"/a/%2a%2A",      "/a/b/c",       false},
        {"/a/*",           "/a/%2F",       true }, // judged away before; still only one segment
        {"/caf\xC3\xA9",   "/caf%C3%A9",   true },
        {"/100%25",        "/100%25",      true },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(std::string{c.pattern} + " on " + c.path);
        EXPECT_EQ(fits(c.pattern, c.path), c.expected);
    }
}

TEST(PathPattern, RefusesWhatNoJudgedPathLooksLike) // R23
{
    const char* const wrong[] = {
        "",          "a",           "*",      "/a//b",  "//",     "/a/../b", "/a/.",
        "/%2e%2E/b", "/a/%2e",      "/a%2fb", "/a%2Fb", "/a%5cb", "/a\\b",   "/a%00",
        "/a%2541",   "/a%25%34%31", "/a#b",   "/a?b=c", "/a;v=1", "/a%",     "/a%4",
        "/a%zz",     "/**/b",       "/a*",    "/*.png", "/***",   "/a\x01",  "/a\x7f",
    };
    for (const auto* text : wrong) {
        SCOPED_TRACE(text);
        const auto pattern = parse_path_pattern(text);
        ASSERT_FALSE(pattern);
        EXPECT_FALSE(pattern.error().message.empty());
        EXPECT_FALSE(pattern.error().hint.empty());
    }
}

TEST(PathPattern, RanksTheMoreSpecificFirst)
{
    const char* const in_order[] = {
        "/a/b/c", "/a/b", "/a/b/*", "/a/b/**", "/a", "/a/*/c", "/a/*", "/a/**", "/*/b", "/*", "/**",
    };
    for (std::size_t i = 0; i < std::size(in_order); ++i) {
        for (std::size_t j = 0; j < std::size(in_order); ++j) {
            SCOPED_TRACE(std::string{in_order[i]} + " and " + in_order[j]);
            EXPECT_EQ(rank(path(in_order[i]), path(in_order[j])), i <=> j);
        }
    }
}

TEST(PathPattern, RanksEqualOnlyWhenTheSame)
{
    EXPECT_EQ(rank(path("/users/%40me/*"), path("/users/@me/*")), std::strong_ordering::equal);
    EXPECT_NE(rank(path("/users/%2A"), path("/users/*")), std::strong_ordering::equal);
    EXPECT_NE(rank(path("/a"), path("/a/")), std::strong_ordering::equal);
}

TEST(HostPattern, TakesNamesAndOneLeadingStar)
{
    struct Case {
        const char* pattern;
        const char* host;
        bool expected;
    };

    const Case cases[] = {
        {"",                "anything.at.all", true },
        {"Api.Example.com", "api.example.com", true },
        {"api.example.com", "example.com",     false},
        {"*.example.com",   "api.example.com", true },
        {"*.example.com",   "example.com",     false},
        {"*.example.com",   "a.b.example.com", false},
        {"*.example.com",   ".example.com",    false},
        {"[::1]",           "[::1]",           true },
        {"127.0.0.1",       "127.0.0.1",       true },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(std::string{c.pattern} + " on " + c.host);
        const auto pattern = parse_host_pattern(c.pattern);
        ASSERT_TRUE(pattern);
        EXPECT_EQ(matches(*pattern, c.host), c.expected);
    }
    for (const auto* text : {"*", "*.", "a.*.com", "http://a.com", "a.com:80", "a..com", ".a.com",
                             "a.com.", "a b", "*.[::1]", "[x]"}) {
        SCOPED_TRACE(text);
        EXPECT_FALSE(parse_host_pattern(text));
    }
}

TEST(HostPattern, RanksNamesBeforeStarsBeforeNone)
{
    const auto exact = *parse_host_pattern("z.example.com");
    const auto wildcard = *parse_host_pattern("*.example.com");
    const auto none = *parse_host_pattern("");
    EXPECT_EQ(rank(exact, wildcard), std::strong_ordering::less);
    EXPECT_EQ(rank(wildcard, none), std::strong_ordering::less);
    EXPECT_EQ(rank(none, none), std::strong_ordering::equal);
    EXPECT_NE(rank(exact, *parse_host_pattern("y.example.com")), std::strong_ordering::equal);
}

TEST(Methods, ClashWhenOneRequestCouldChooseBoth)
{
    struct Case {
        std::vector<std::string> left;
        std::vector<std::string> right;
        bool expected;
    };

    const Case cases[] = {
        {{},              {},              true },
        {{"GET"},         {},              false},
        {{"GET"},         {"POST"},        false},
        {{"GET", "POST"}, {"PUT", "POST"}, true },
        {{"GET"},         {"HEAD"},        true }, // GET covers HEAD
        {{"HEAD"},        {"GET"},         true },
        {{"HEAD"},        {"POST"},        false},
    };
    for (const auto& c : cases) EXPECT_EQ(methods_clash(c.left, c.right), c.expected);
}

TEST(PathPattern, KnowsWhatLiesUnderAPrefix)
{
    const auto prefix = path("/auth");
    for (const auto* below : {"/auth", "/auth/", "/auth/**", "/auth/login", "/%61uth/x"}) {
        EXPECT_TRUE(is_under(path(below), prefix)) << below;
    }
    for (const auto* beside : {"/authors", "/**", "/*", "/*/login", "/Auth/x"}) {
        EXPECT_FALSE(is_under(path(beside), prefix)) << beside;
    }
}

} // namespace
} // namespace gatehouse::config
