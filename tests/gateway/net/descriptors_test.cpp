#include "gateway/net/descriptors.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <algorithm>

namespace gatehouse::gateway {
namespace {

TEST(Descriptors, AreAsManyAsThereMayBeAndTheLastAreKept)
{
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit few{std::min<rlim_t>(before.rlim_max, 256), before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
    raise_descriptor_limit();
    const auto limit = descriptor_limit();
    EXPECT_EQ(limit, std::min<rlim_t>(before.rlim_max, 1 << 20));
    const auto kept = static_cast<int>(std::min<rlim_t>(64, limit / 8));
    EXPECT_FALSE(is_kept_descriptor(3));
    EXPECT_FALSE(is_kept_descriptor(static_cast<int>(limit) - kept - 1));
    EXPECT_TRUE(is_kept_descriptor(static_cast<int>(limit) - kept));
    EXPECT_TRUE(is_kept_descriptor(static_cast<int>(limit) - 1));
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

} // namespace
} // namespace gatehouse::gateway
