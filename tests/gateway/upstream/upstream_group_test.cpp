#include "gateway/upstream/upstream_table.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

class UpstreamGroupTest : public testing::Test {
protected:
    auth::SystemClock clock;
    EndpointBoard board{clock};
    Counters counters;
    TallyBook<EndpointCounters> book;
    UpstreamTable table{board, book, counters, 0};
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

/// Where the next requests go: the first letter of each host.
std::string hosts(UpstreamGroup& group, const EndpointWish& wish, int count)
{
    std::string text;
    for (int i = 0; i < count; ++i) {
        auto* const pool = group.choose(wish);
        text += pool == nullptr ? '-' : pool->target().authority.front();
    }
    return text;
}

TEST_F(UpstreamGroupTest, SpreadsByWeight)
{
    auto weighted = both;
    weighted.weights = {3, 1};
    auto group = std::move(table.groups_for({weighted}).front());
    EXPECT_EQ(hosts(group, wish, 8), "aabaaaba");
}

TEST_F(UpstreamGroupTest, KeepsThePoolOfAnEndpointWhoseWeightChanges)
{
    auto weighted = both;
    weighted.weights = {3, 0};
    auto before = table.groups_for({both});
    auto after = table.groups_for({weighted});
    EXPECT_EQ(before.front().choose(wish), after.front().choose(wish));
    EXPECT_EQ(table.endpoints(), 2U);
    EXPECT_EQ(hosts(after.front(), wish, 4), "aaaa");
}

TEST_F(UpstreamGroupTest, SendsToTheEndpointWithFewerRequests)
{
    auto target = both;
    target.spreading.balance = config::Balance::least_requests;
    auto group = std::move(table.groups_for({target}).front());
    const InFlight first(*group.choose(wish));
    EXPECT_EQ(first.pool().target().authority, "a:1");
    EXPECT_EQ(hosts(group, wish, 3), "bbb");
    const InFlight second(*group.choose(wish));
    EXPECT_EQ(hosts(group, wish, 2), "ba"); // as busy: in turn
}

TEST_F(UpstreamGroupTest, KeepsAKeyAtItsEndpointAndTakesTurnsWithoutOne)
{
    auto target = both;
    target.spreading.balance = config::Balance::hash;
    UpstreamTable other_worker(board, book, counters, 1);
    auto group = std::move(table.groups_for({target}).front());
    auto same = std::move(other_worker.groups_for({target}).front());
    std::string owners;
    for (int i = 0; i < 40; ++i) {
        wish.key = hash_of("user-" + std::to_string(i));
        const auto there = hosts(group, wish, 3);
        EXPECT_EQ(there, std::string(3, there.front()));
        EXPECT_EQ(hosts(same, wish, 1).front(), there.front());
        owners += there.front();
        EndpointWish again;
        again.key = wish.key;
        again.tried.add(*group.choose(wish));
        EXPECT_NE(hosts(group, again, 1).front(), there.front()); // the next one
    }
    EXPECT_NE(owners.find('a'), owners.npos);
    EXPECT_NE(owners.find('b'), owners.npos);
    wish.key.reset();
    EXPECT_EQ(hosts(group, wish, 4), "abab");
}

TEST_F(UpstreamGroupTest, FollowsTheCookieToItsEndpoint)
{
    auto target = both;
    target.weights = {1, 0};
    target.spreading.sticky_cookie = config::StickyCookieSettings{"at", {}};
    auto group = std::move(table.groups_for({target}).front());
    const auto mark = sticky_mark("both", "b:1");
    EXPECT_EQ(mark.size(), 16U);
    wish.cookie = mark;
    EXPECT_EQ(hosts(group, wish, 2), "bb"); // which takes nobody new
    auto* const pool = group.choose(wish);
    EXPECT_EQ(group.mark_of(*pool), mark);
    wish.tried.add(*pool);
    EXPECT_EQ(hosts(group, wish, 2), "aa");
    EndpointWish stranger;
    const auto strange = sticky_mark("other", "b:1");
    stranger.cookie = strange;
    EXPECT_EQ(hosts(group, stranger, 2), "aa");
}

TEST_F(UpstreamGroupTest, GivesANewcomerLittleAtFirst)
{
    using namespace std::chrono_literals;
    auto target = both;
    target.spreading.slow_start = 1h;
    auto group = std::move(table.groups_for({target}).front());
    EXPECT_EQ(hosts(group, wish, 4), "abab"); // both are as old
}

TEST_F(UpstreamGroupTest, HasAnEndpointForEachAddressOfAName)
{
    UpstreamTarget target{"pods", {*parse_endpoint("http://pods:80")}};
    auto& endpoint = target.endpoints.front();
    endpoint.look_up = name_key("pods", "");
    endpoint.expand = true;
    const std::vector targets{target};
    auto groups = table.groups_for(targets);
    const auto names = [&] {
        std::set<const EndpointPool*> pools;
        groups.front().add_to(pools);
        std::set<std::string> all;
        for (const auto* pool : pools) all.insert(pool->target().authority);
        return all;
    };
    const auto follow = [&](std::vector<std::string> addresses) {
        table.use(std::make_shared<NameBook>(NameBook{
            {"pods", std::move(addresses)}
        }));
        table.follow_names(targets, groups);
    };
    using Names = std::set<std::string>;
    EXPECT_EQ(names(), Names{"pods:80"}); // resolved at each connect until it is known
    follow({"10.0.0.1", "10.0.0.2", "fd00::1"});
    EXPECT_EQ(names(), (Names{"pods:80@10.0.0.1", "pods:80@10.0.0.2"}));
    EXPECT_EQ(groups.front().choose(wish)->target().host, "pods:80");
    const InFlight request(*groups.front().choose(wish));
    follow({"10.0.0.3", "fd00::1"});
    EXPECT_EQ(names(), Names{"pods:80@10.0.0.3"});
    std::set<const EndpointPool*> used;
    groups.front().add_to(used);
    EXPECT_FALSE(table.forget_all_but(used)); // a request is still at one of the others
    EXPECT_EQ(table.endpoints(), 2U);
    EXPECT_EQ(table.groups_for(targets).front().size(), 1U); // a new generation knows them too
}

TEST_F(UpstreamGroupTest, HasSomebodyToAskWhileAnEndpointIsEmptied)
{
    auto target = both;
    target.weights = {1, 0};
    target.settings.ejection.after = 1;
    auto groups = table.groups_for({target});
    auto* const only = groups.front().choose(wish);
    only->failed(RefusalCode::upstream_reset, clock.now());
    EXPECT_EQ(groups.front().choose(wish), only);
}

TEST_F(UpstreamGroupTest, CountsNobodyWhomTheNewestSettingsDoNotName)
{
    auto target = both;
    target.settings.ejection.after = 1;
    auto before = table.groups_for({target});
    (void)before.front().choose(wish);
    const InFlight request(*before.front().choose(wish)); // stays at b, as a stream does
    target.endpoints.pop_back();
    auto groups = table.groups_for({target});
    table.empty_all_but(groups);
    auto* const only = groups.front().choose(wish);
    ASSERT_NE(only, nullptr);
    ASSERT_NE(only, &request.pool());
    only->failed(RefusalCode::upstream_reset, clock.now());
    EXPECT_EQ(groups.front().choose(wish), only);
}

TEST_F(UpstreamGroupTest, LeadsToWhatANameStandsFor)
{
    UpstreamTarget target{"web", {*parse_endpoint("http://web:80")}};
    target.endpoints.front().look_up = name_key("web", "127.0.0.1:53");
    const std::vector targets{target};
    auto groups = table.groups_for(targets);
    auto* const pool = groups.front().choose(wish);
    EXPECT_TRUE(pool->addresses().empty());
    table.use(std::make_shared<NameBook>(NameBook{
        {"web 127.0.0.1:53", {"10.0.0.1", "fd00::1"}}
    }));
    table.follow_names(targets, groups);
    EXPECT_EQ(groups.front().choose(wish), pool);
    ASSERT_EQ(pool->addresses().size(), 2U);
    EXPECT_EQ(to_string(pool->addresses().front()), "10.0.0.1:80");
}

} // namespace
} // namespace gatehouse::gateway
