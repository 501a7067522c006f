#include "auth/store/redis/feed_number.hpp"

#include <gtest/gtest.h>

namespace gatehouse::auth::redis {
namespace {

constexpr std::uint64_t million = std::uint64_t{1} << 20U;

TEST(FeedNumber, IsTheIdAsOneNumber)
{
    struct Case {
        const char* id;
        std::uint64_t number;
    };

    const Case cases[] = {
        {"0-0",                   0                              },
        {"0-1",                   1                              },
        {"0-1048575",             million - 1                    },
        {"1-0",                   million                        },
        {"1763737200000-7",       1'763'737'200'000 * million + 7},
        {"8796093022207-1048575", ~std::uint64_t{0} >> 1U        },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.id);
        EXPECT_EQ(feed_number(c.id), c.number);
        EXPECT_EQ(feed_id(c.number), c.id);
    }
}

TEST(FeedNumber, CountsPastTheLastShareIt)
{
    for (const auto* id : {"5-1048575", "5-1048576", "5-18446744073709551615"}) {
        EXPECT_EQ(feed_number(id), 6 * million - 1) << id;
    }
}

TEST(FeedNumber, IsNothingForWhatIsNoIdOrLiesBeyond)
{
    for (const auto* id : {"", "-", "5", "5-", "-5", "5-5-5", "x-1", "1-x", "1 -1", "+1-1", "1--1",
                           "8796093022208-0", "18446744073709551615-0", "18446744073709551616-0",
                           "1-18446744073709551616"}) {
        EXPECT_FALSE(feed_number(id)) << id;
    }
}

} // namespace
} // namespace gatehouse::auth::redis
