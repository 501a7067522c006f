#include "auth/basics/id.hpp"

#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

TEST(Id128, SurvivesTheWayThroughItsText)
{
    for (int i = 0; i < 1000; ++i) {
        const auto id = Id128::random();
        const auto text = id.to_string();
        ASSERT_EQ(text.size(), 22U);
        ASSERT_TRUE(is_header_safe_id(text)) << text;
        ASSERT_EQ(Id128::parse(text), id) << text;
    }
}

TEST(Id128, IsNeverTakenForAnOptionOnACommandLine)
{
    for (int i = 0; i < 2000; ++i) {
        const auto text = Id128::random().to_string();
        ASSERT_NE(text.front(), '-') << text;
    }
}

TEST(Id128, RefusesEverythingButCanonicalText)
{
    for (const auto* text :
         {"", "A", "AAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAB",
          "AAAAAAAAAA+AAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAA==", "AAAAAAAAAA AAAAAAAAAAA"}) {
        EXPECT_FALSE(Id128::parse(text)) << text;
    }
    EXPECT_EQ(Id128::parse("AAAAAAAAAAAAAAAAAAAAAA"), Id128{});
}

TEST(HeaderSafeId, AllowsOnlyWhatCannotBreakAHeader) // R22
{
    EXPECT_TRUE(is_header_safe_id("a.B_c:d-9"));
    EXPECT_TRUE(is_header_safe_id(std::string(64, 'x')));
    EXPECT_FALSE(is_header_safe_id(""));
    EXPECT_FALSE(is_header_safe_id(std::string(65, 'x')));
    for (const char c : std::string("\r\n\0 ,;\"\x80/@", 10)) {
        EXPECT_FALSE(is_header_safe_id(std::string("a") + c)) << static_cast<int>(c);
    }
}

} // namespace
} // namespace gatehouse::auth
