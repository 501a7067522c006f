#include "gateway/upstream/upstream_table.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

class UpstreamGroupTest : public testing::Test {
protected:
    auth::SystemClock clock;
    EndpointBoard board{clock};
    Counters counters;
    UpstreamTable table{board, counters, 0};
    const UpstreamTarget both{
        "both", {*parse_endpoint("http://a:1"), *parse_endpoint("http://b:1")}
    };
    const UpstreamTarget one{"one", {*parse_endpoint("http://a:1")}};
    EndpointWish wish{};
};

TEST_F(UpstreamGroupTest, OffersNoEndpointThatWasTriedAlready)
{
    auto groups = table.groups_for({one, both});
    for (auto& group : groups) {
        wish = {};
        for (std::size_t i = 0; i < group.size(); ++i) wish.tried.add(*group.choose(wish));
        EXPECT_EQ(group.choose(wish), nullptr);
    }
}

TEST_F(UpstreamGroupTest, GivesUpAfterManyEndpoints)
{
    UpstreamTarget many{"many", {}};
    for (std::size_t i = 1; i <= TriedEndpoints::most + 2; ++i) {
        many.endpoints.push_back(*parse_endpoint("http://a:" + std::to_string(i)));
    }
    auto groups = table.groups_for({many});
    std::size_t tries = 0;
    while (auto* const pool = groups.front().choose(wish)) {
        wish.tried.add(*pool);
        ++tries;
    }
    EXPECT_EQ(tries, TriedEndpoints::most);
}

TEST_F(UpstreamGroupTest, CountsTheRequestsThatAreAtAnEndpoint)
{
    auto groups = table.groups_for({both});
    {
        InFlight request(*groups.front().choose(wish));
        EXPECT_EQ(table.facts().at(EndpointKey("both", "a:1")).in_flight, 1U);
        request.move_to(*groups.front().choose(wish));
        EXPECT_EQ(table.facts().at(EndpointKey("both", "a:1")).in_flight, 0U);
        EXPECT_EQ(table.facts().at(EndpointKey("both", "b:1")).in_flight, 1U);
    }
    EXPECT_EQ(table.facts().at(EndpointKey("both", "b:1")).in_flight, 0U);
}

} // namespace
} // namespace gatehouse::gateway
