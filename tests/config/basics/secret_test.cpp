#include "config/basics/secret.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace gatehouse {
namespace {

TEST(Secret, PrintsAsStars)
{
    std::ostringstream out;
    out << Secret{"hunter2"};
    EXPECT_EQ(out.str(), "***");
}

TEST(Secret, IsGoneFromWhereItWasMovedFrom)
{
    Secret from{"hunter2"};
    const Secret to = std::move(from);
    EXPECT_EQ(to.reveal(), "hunter2");
    EXPECT_TRUE(from.empty()); // NOLINT(bugprone-use-after-move): that is the question
}

} // namespace
} // namespace gatehouse
