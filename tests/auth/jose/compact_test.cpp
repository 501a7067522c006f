#include "auth/jose/compact.hpp"

#include <gtest/gtest.h>

namespace gatehouse::auth::jose {
namespace {

TEST(Compact, TakesATokenOfThreeSegmentsApart)
{
    const auto parts = split_compact("aa.bb.cc");
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->header, "aa");
    EXPECT_EQ(parts->payload, "bb");
    EXPECT_EQ(parts->signature, "cc");
    EXPECT_EQ(parts->signing_input, "aa.bb");
}

TEST(Compact, RefusesAnyOtherNumberOfSegments) // R32
{
    for (const auto* token : {"", "aa", "aa.bb", "aa.bb.", ".bb.cc", "aa..cc", "aa.bb.cc.",
                              "aa.bb.cc.dd", "aa.bb.cc.dd.ee", ".."}) {
        EXPECT_FALSE(split_compact(token)) << token;
    }
}

} // namespace
} // namespace gatehouse::auth::jose
