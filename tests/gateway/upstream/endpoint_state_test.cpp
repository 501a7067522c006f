#include "gateway/net/timers.hpp"
#include "gateway/upstream/endpoint_state.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

class EndpointStateTest : public testing::Test {
protected:
    EndpointStateTest()
    {
        settings.ejection.after = 3;
        settings.ejection.base = 10s;
        settings.health.path = "/h";
    }

    std::shared_ptr<EndpointState> hold(const std::string& name, std::uint32_t weight = 1)
    {
        return board.hold("orders", *parse_endpoint("http://" + name + ":1"), settings, weight);
    }

    void fail(EndpointState& endpoint, int times, Monotonic at)
    {
        for (int i = 0; i < times; ++i) (void)endpoint.failed("upstream_reset", at);
    }

    const auth::SystemClock clock;
    EndpointBoard board{clock};
    config::UpstreamSettings settings;
    Monotonic now = Timers::now() + 1h; // ahead of the clock: nothing comes back by itself
};

TEST_F(EndpointStateTest, IsLeftAloneAfterFailuresInARow)
{
    const auto a = hold("a");
    const auto b = hold("b");
    fail(*a, 2, now);
    a->succeeded();
    fail(*a, 2, now);
    EXPECT_TRUE(a->may_be_used());
    EXPECT_TRUE(a->failed("upstream_reset", now));
    EXPECT_FALSE(a->may_be_used());
    EXPECT_TRUE(b->may_be_used());
    const auto standing = a->standing(now);
    EXPECT_TRUE(standing.ejected);
    EXPECT_FALSE(standing.used);
    EXPECT_EQ(standing.reason, "upstream_reset");
    EXPECT_EQ(standing.ejections, 1U);
}

TEST_F(EndpointStateTest, ForgetsWhatChecksFoundBeforeItsNameWasKnown)
{
    const auto a = hold("a");
    const auto b = hold("b");
    a->checked(false, "upstream_unreachable"); // wherever the system took the name to be
    EXPECT_FALSE(a->may_be_used());
    const std::vector<SocketAddress> there{*SocketAddress::parse("10.0.0.1", 1)};
    a->lead_to(there);
    EXPECT_TRUE(a->may_be_used());
    a->checked(false, "upstream_timeout"); // the first one that counts
    EXPECT_FALSE(a->may_be_used());
    a->lead_to({*SocketAddress::parse("10.0.0.2", 1)}); // some names say something else each time
    EXPECT_FALSE(a->may_be_used());
}

TEST_F(EndpointStateTest, StaysInUseBesideOneThatIsBeingEmptied)
{
    const auto only = hold("a");
    const auto emptied = hold("b", 0);
    fail(*only, 30, now);
    only->checked(false, "answered 500");
    EXPECT_TRUE(only->may_be_used()); // nobody new is sent to the other one
    fail(*emptied, 3, now);
    only->checked(true, "answered 200");
    only->checked(true, "answered 200");
    EXPECT_FALSE(emptied->standing(now).used); // and nothing holds that one back
    const auto back = hold("b");
    EXPECT_EQ(back, emptied);
    fail(*only, 3, now);
    EXPECT_FALSE(only->standing(now).ejected); // the last that is fit
}

TEST_F(EndpointStateTest, MayBeLeftAloneAgainOnceTheOtherOneIsFilled)
{
    const auto one = hold("a");
    const auto other = hold("b", 0);
    fail(*one, 3, now);
    EXPECT_TRUE(one->may_be_used());
    (void)hold("b", 1);
    fail(*one, 1, now);
    EXPECT_FALSE(one->may_be_used());
    EXPECT_TRUE(other->may_be_used());
}

TEST_F(EndpointStateTest, NeverLeavesMoreAloneThanTheFloorAllows)
{
    const auto a = hold("a");
    const auto b = hold("b");
    const auto c = hold("c");
    fail(*a, 3, now);
    fail(*b, 30, now);
    fail(*c, 30, now);
    EXPECT_FALSE(a->may_be_used());
    EXPECT_TRUE(b->may_be_used());
    EXPECT_TRUE(c->may_be_used());
}

TEST_F(EndpointStateTest, IsUsedWhenItIsAlone)
{
    const auto a = hold("a");
    fail(*a, 30, now);
    a->checked(false, "answered 503");
    EXPECT_TRUE(a->may_be_used());
    EXPECT_FALSE(a->standing(now).healthy);
}

TEST_F(EndpointStateTest, ComesBackAfterItsTimeAndIsJudgedAnew)
{
    const auto a = hold("a");
    const auto b = hold("b");
    now = Timers::now() - 11s; // so that it is over by now
    fail(*a, 3, now);
    EXPECT_TRUE(a->standing(now).ejected);
    EXPECT_TRUE(a->may_be_used());
    EXPECT_FALSE(a->standing(now).ejected);
    fail(*a, 2, Timers::now());
    EXPECT_TRUE(a->may_be_used());
    fail(*a, 1, Timers::now());
    EXPECT_FALSE(a->may_be_used()); // for twice as long
}

TEST_F(EndpointStateTest, IsNotUsedWhileItsChecksFail)
{
    const auto a = hold("a");
    const auto b = hold("b");
    a->checked(false, "answered 503");
    EXPECT_FALSE(a->may_be_used());
    EXPECT_EQ(a->standing(now).reason, "answered 503");
    a->checked(true, "answered 200");
    EXPECT_FALSE(a->may_be_used());
    a->checked(true, "answered 200");
    EXPECT_TRUE(a->may_be_used());
}

TEST_F(EndpointStateTest, AllAreUsedWhenNoneIsFit)
{
    const auto a = hold("a");
    const auto b = hold("b");
    a->checked(false, "x");
    b->checked(false, "x");
    EXPECT_TRUE(a->may_be_used());
    EXPECT_TRUE(b->may_be_used());
    EXPECT_TRUE(a->standing(now).used);
    b->checked(true, "x");
    b->checked(true, "x");
    EXPECT_FALSE(a->may_be_used());
    EXPECT_TRUE(b->may_be_used());
}

TEST_F(EndpointStateTest, AllAreUsedBelowTheFloorOfHealth)
{
    settings.health.floor = 0.5;
    const auto a = hold("a");
    const auto b = hold("b");
    const auto c = hold("c");
    a->checked(false, "x");
    EXPECT_FALSE(a->may_be_used());
    b->checked(false, "x");
    EXPECT_TRUE(a->may_be_used());
}

TEST_F(EndpointStateTest, KeepsItsVerdictOverAReload)
{
    const auto a = hold("a");
    const auto b = hold("b");
    a->checked(false, "x");
    fail(*b, 1, now);
    EXPECT_EQ(hold("a"), a);
    EXPECT_FALSE(a->may_be_used());
    settings.health.path.clear();
    (void)hold("a");
    EXPECT_TRUE(a->may_be_used()); // whom nobody asks is as good as any other
}

TEST_F(EndpointStateTest, IsForgottenWithTheLastWhoHoldsIt)
{
    auto a = hold("a");
    const auto b = hold("b");
    b->checked(false, "x");
    EXPECT_FALSE(b->may_be_used());
    a.reset();
    EXPECT_TRUE(b->may_be_used()); // alone now
    EXPECT_EQ(board.all().size(), 1U);
}

TEST_F(EndpointStateTest, IsAnotherOneInAnotherUpstream)
{
    const auto a = hold("a");
    const auto other = board.hold("invoices", a->target(), settings);
    EXPECT_NE(a, other);
}

TEST_F(EndpointStateTest, IsNeverEjectedWhereThatIsOff)
{
    settings.ejection.after = 0;
    const auto a = hold("a");
    const auto b = hold("b");
    fail(*a, 100, now);
    EXPECT_TRUE(a->may_be_used());
}

} // namespace
} // namespace gatehouse::gateway
