#include <gtest/gtest.h>

TEST(Build, SaysItsVersion)
{
    EXPECT_STRNE(GATEHOUSE_VERSION, "");
}
