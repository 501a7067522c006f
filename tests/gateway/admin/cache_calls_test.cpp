#include "tests/gateway/admin/admin_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

namespace gatehouse::gateway::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

TEST_F(AdminTest, KeptAnswersAreForgottenAsFarAsIsAsked)
{
    const auto purge = [this](const std::string& body) {
        return ask(call("POST", "/admin/v1/cache/purge", body));
    };
    EXPECT_EQ(json(purge("{}")).find_integer("purged"), 7);
    (void)purge(R"({"route":"/orders/**","host":"a.example","path":"/a/**"})");
    ASSERT_EQ(purges.size(), 2U);
    EXPECT_TRUE(purges[0].covers_resource("anything"));
    EXPECT_FALSE(purges[1].covers_resource("anything"));
    const auto events = house.log.take();
    EXPECT_THAT(events, Contains(HasSubstr("admin_act ok")));
    // What is not understood must not become more than was meant.
    const std::pair<const char*, const char*> rows[] = {
        {R"({"paths":"/a"})",         "400 bad_request"   },
        {R"({"path":null})",          "400 bad_request"   },
        {R"({"path":7})",             "400 bad_request"   },
        {R"({"path":""})",            "422 invalid_fields"},
        {R"({"path":"a"})",           "422 invalid_fields"},
        {R"({"path":"/a?b"})",        "422 invalid_fields"},
        {R"({"path":"/a/../b"})",     "422 invalid_fields"},
        {R"({"host":""})",            "422 invalid_fields"},
        {R"({"host":"a.example:8"})", "422 invalid_fields"},
        {R"({"route":""})",           "422 invalid_fields"},
        {R"({"route":"/other"})",     "422 invalid_fields"},
        {"[]",                        "400 bad_request"   },
    };
    for (const auto& [body, expected] : rows) EXPECT_EQ(outcome(purge(body)), expected) << body;
    EXPECT_EQ(purges.size(), 2U);
}

} // namespace
} // namespace gatehouse::gateway::test
