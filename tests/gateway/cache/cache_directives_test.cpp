#include "gateway/cache/cache_directives.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

CacheDirectives read(std::vector<std::string_view> lines)
{
    std::vector<Field> fields;
    for (const auto line : lines) fields.push_back({"Cache-Control", line});
    return cache_directives(fields);
}

TEST(CacheDirectives, AreReadInAnyCaseAndFromAllLines)
{
    const auto all = read({"No-Store , max-age=60", "PRIVATE"});
    EXPECT_TRUE(all.there);
    EXPECT_TRUE(all.no_store);
    EXPECT_TRUE(all.is_private);
    EXPECT_EQ(all.max_age, 60s);
    EXPECT_FALSE(all.is_public);
    EXPECT_FALSE(read({}).there);
    EXPECT_TRUE(read({""}).there);
}

TEST(CacheDirectives, ReadTimes)
{
    struct Case {
        const char* text;
        CacheDirectives::Time expected;
    };

    const Case cases[] = {
        {"max-age=0",                    0s           },
        {"max-age=\"10\"",               10s          },
        {"max-age=10, max-age=5",        5s           },
        {"max-age=5, max-age=10",        5s           },
        {"max-age",                      0s           },
        {"max-age=",                     0s           },
        {"max-age=-1",                   0s           },
        {"max-age=1.5",                  0s           },
        {"max-age=1e9",                  0s           },
        {"max-age=+5",                   0s           },
        {"max-age= 5",                   5s           },
        {"max-age=2147483648",           longest_delta},
        {"max-age=99999999999999999999", longest_delta},
        {"max-age=18446744073709551617", longest_delta},
        {"maxage=5",                     {}           },
        {"x-max-age=5",                  {}           },
        {"ext=\"max-age=5\"",            {}           },
        {"ext=\"a, max-age=5\"",         {}           },
        {"ext=\"\\\", max-age=5, \"",    {}           },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        EXPECT_EQ(read({c.text}).max_age, c.expected);
    }
}

TEST(CacheDirectives, KnowTheFieldsThatAreNamed)
{
    EXPECT_TRUE(read({R"(private="set-cookie, x")"}).is_private);
    EXPECT_TRUE(read({R"(no-cache="x", public)"}).is_public);
    EXPECT_TRUE(read({R"(no-cache="x", public)"}).no_cache);
}

TEST(CacheDirectives, TakeAListThatBreaksOffForNoStore)
{
    EXPECT_TRUE(read({R"(public, private="x)"}).no_store);
    EXPECT_TRUE(read({R"(public, x="\)"}).no_store);
    EXPECT_FALSE(read({R"(public, x="")"}).no_store);
}

} // namespace
} // namespace gatehouse::gateway
