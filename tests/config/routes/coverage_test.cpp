#include "config/routes/coverage.hpp"

#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

TEST(Coverage, TellsWhetherEveryPathOfOneIsOfTheOther)
{
    struct Case {
        const char* outer;
        const char* inner;
        bool expected;
    };

    const Case cases[] = {
        {"/a/**",   "/a",      true },
        {"/a/**",   "/a/",     true },
        {"/a/**",   "/a/b/*",  true },
        {"/a/**",   "/a/*/**", true },
        {"/a/**",   "/b",      false},
        {"/**",     "/a/**",   true },
        {"/a/*",    "/a/b",    true },
        {"/a/*",    "/a/*",    true },
        {"/a/*",    "/a/",     false}, // a star is not empty
        {"/a/*",    "/a/**",   false},
        {"/a/*",    "/a/b/c",  false},
        {"/a/b",    "/a/*",    false},
        {"/%61/**", "/a/b",    true },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(std::string(c.outer) + " and " + c.inner);
        EXPECT_EQ(covers(*parse_path_pattern(c.outer), *parse_path_pattern(c.inner)), c.expected);
    }
}

TEST(Coverage, TellsItOfHosts)
{
    const auto covered = [](const char* outer, const char* inner) {
        return covers(*parse_host_pattern(outer), *parse_host_pattern(inner));
    };
    EXPECT_TRUE(covered("", "a.example"));
    EXPECT_TRUE(covered("*.example", "a.example"));
    EXPECT_TRUE(covered("a.example", "a.example"));
    EXPECT_FALSE(covered("a.example", ""));
    EXPECT_FALSE(covered("*.example", "a.b.example"));
    EXPECT_FALSE(covered("a.example", "*.example"));
}

} // namespace
} // namespace gatehouse::config
