#include "gateway/portal/return_to.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace gatehouse::gateway {
namespace {

const std::vector<std::string> origins{"https://app.example.com", "http://localhost:3000"};

/// tests/e2e/portal_test.py holds the rule of the pages to the same table.
TEST(ReturnTo, IsThisOriginOrAnAllowedOneAndNothingElse)
{
    std::ifstream file(GATEHOUSE_SOURCE_DIR "/tests/gateway/portal/return_to.json");
    const auto table = nlohmann::json::parse(file);
    ASSERT_GT(table.size(), 50U);
    for (const auto& row : table) {
        SCOPED_TRACE(row["name"].get<std::string>());
        auto place = row["place"].get<std::string>();
        for (int i = 0; i < row.value("times", 0); ++i) place += row["then"].get<std::string>();
        EXPECT_EQ(may_return_to(place, origins), row["allowed"].get<bool>()) << place;
    }
}

TEST(ReturnTo, IsNoOriginWhereNoneIsAllowed)
{
    EXPECT_FALSE(may_return_to("https://app.example.com/", {}));
    EXPECT_TRUE(may_return_to("/orders", {}));
}

} // namespace
} // namespace gatehouse::gateway
