#include "gateway/headers/head_writer.hpp"
#include "gateway/limits/address_counts.hpp"
#include "gateway/limits/lag_watch.hpp"
#include "gateway/limits/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

TEST(RateKeys, SeeOneClientInAllSpellingsOfItsAddress)
{
    struct Case {
        const char* one;
        const char* other;
        bool same;
    };

    const Case cases[] = {
        {"192.0.2.1",        "192.0.2.1",            true },
        {"192.0.2.1",        "192.0.2.2",            false},
        {"192.0.2.1",        "::ffff:192.0.2.1",     true },
        {"2001:db8::1",      "2001:DB8:0:0:ffff::2", true },
        {"2001:db8::1",      "2001:db8:0:1::1",      false},
        {"fe80::1%eth0",     "fe80::1",              true },
        {"::ffff:192.0.2.1", "::ffff:192.0.2.2",     false},
        {"not an address",   "nor this",             false},
    };
    const RateKeys keys;
    for (const auto& c : cases) {
        SCOPED_TRACE(testing::Message() << c.one << " and " << c.other);
        EXPECT_EQ(keys.of_address(c.one) == keys.of_address(c.other), c.same);
    }
}

TEST(RateKeys, DifferByKindAndByKey)
{
    const RateKeys keys;
    EXPECT_NE(keys.of('u', "ada"), keys.of('h', "ada"));
    EXPECT_NE(keys.of('u', "ada"), keys.of('u', "eve"));
    EXPECT_NE(keys.of('u', "ada"), RateKeys().of('u', "ada")) << "nobody can find two that meet";
    const Secret shared(std::string(16, 'k'));
    EXPECT_EQ(RateKeys(shared).of('u', "ada"), RateKeys(shared).of('u', "ada"));
}

TEST(RateFields, AreListsThatStructuredFieldsCanRead)
{
    const config::RateSettings rate{"user", 100, 60s, 20};
    RateFields fields;
    std::array<char, 512> room{};
    HeadWriter nothing(room);
    write_rate_fields(nothing, fields);
    EXPECT_EQ(nothing.written(), "");

    fields.add("user", policy_item("user", rate), {true, 19, 0ns, 600ms});
    fields.add("all", policy_item("all", rate), {false, 0, 1200ms, 60s});
    HeadWriter head(room);
    write_rate_fields(head, fields);
    EXPECT_EQ(head.written(), "RateLimit-Policy: \"user\";q=100;w=60, \"all\";q=100;w=60\r\n"
                              "RateLimit: \"user\";r=19;t=1, \"all\";r=0;t=2\r\n");
    fields.clear();
    EXPECT_TRUE(fields.policies.empty() && fields.states.empty());
}

TEST(Limits, GiveEachRateOfARouteANameOfItsOwn)
{
    config::Settings settings;
    settings.rates["user"] = {"address", 1};
    config::RouteSettings route;
    route.match = "/a";
    route.rate = {
        {"user",          1},
        {"header:X-Team", 2},
        {"user",          3}
    };
    route.rates = {"user"};
    std::vector<std::string> names;
    std::vector<std::string> labels;
    for (const auto& rate : rates_of(settings, route)) {
        names.push_back(rate.name);
        labels.push_back(rate.label);
    }
    EXPECT_THAT(names, ElementsAre("user", "header", "user-2", "user-3"));
    EXPECT_THAT(labels, ElementsAre("/a user", "/a header", "/a user-2", "user"));
}

TEST(Limits, AreSharedByAllWorkersAndGenerations)
{
    config::Settings settings;
    settings.rates["team"] = {"address", 1, 3600s};
    config::RouteSettings route;
    route.match = "/a";
    route.rate = {
        {"user", 1, 3600s}
    };
    route.rates = {"team"};
    route.in_flight = 1;
    settings.routes = {route, route};
    settings.routes[1].match = "/b";

    LimitBook book;
    TrafficBook counts;
    const Limits first(book, counts, 0, settings);
    const Limits second(book, counts, 1, settings);
    ASSERT_NE(first.of(0), nullptr);
    EXPECT_EQ(first.of(0)->before_token.front().table, second.of(1)->before_token.front().table);
    EXPECT_EQ(first.of(0)->behind_token.front().table, second.of(0)->behind_token.front().table);
    EXPECT_NE(first.of(0)->behind_token.front().table, first.of(1)->behind_token.front().table);
    EXPECT_EQ(first.of(0)->in_flight, second.of(0)->in_flight);
    EXPECT_NE(first.of(0)->in_flight, first.of(1)->in_flight);
}

TEST(Limits, AreThoseOfEachRouteWhereSeveralHaveOneName)
{
    config::Settings settings;
    config::RouteSettings route;
    route.name = "orders";
    route.match = "/orders";
    route.rate = {
        {"user", 1, 3600s}
    };
    route.in_flight = 1;
    settings.routes = {route, route};
    settings.routes[1].methods = {"POST"};

    LimitBook book;
    TrafficBook counts;
    const Limits limits(book, counts, 0, settings);
    const Limits others(book, counts, 1, settings);
    EXPECT_NE(limits.of(0)->behind_token.front().table, limits.of(1)->behind_token.front().table);
    EXPECT_NE(limits.of(0)->in_flight, limits.of(1)->in_flight);
    EXPECT_EQ(limits.of(1)->behind_token.front().table, others.of(1)->behind_token.front().table);
    EXPECT_EQ(limits.of(1)->in_flight, others.of(1)->in_flight);
}

TEST(Limits, CountAnewAtAnotherRateAndOnWithAnotherBurst)
{
    config::Settings settings;
    settings.routes.resize(1);
    auto& rate = settings.routes[0].rate.emplace_back();
    rate = {"address", 3, 24h};
    LimitBook book;
    TrafficBook counts;
    const auto table_of = [](const Limits& limits) {
        return limits.of(0)->before_token.front().table;
    };
    const Limits first(book, counts, 0, settings);
    const auto terms = RateTerms::of(rate);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(table_of(first)->take(1, terms, 0s).passes);
    EXPECT_FALSE(table_of(first)->look(1, terms, 0s).passes);

    rate.burst = 4;
    const Limits wider(book, counts, 0, settings);
    EXPECT_EQ(table_of(wider), table_of(first));

    rate = {"address", 10, 1s};
    const Limits faster(book, counts, 0, settings);
    EXPECT_TRUE(table_of(faster)->look(1, RateTerms::of(rate), 0s).passes)
        << "nobody waits as long as a rate took that is no more";
}

TEST(Limits, CostNothingWhereThereAreNone)
{
    config::Settings settings;
    settings.routes.resize(2);
    LimitBook book;
    TrafficBook counts;
    EXPECT_TRUE(Limits(book, counts, 0, settings).empty());
    EXPECT_EQ(Limits(book, counts, 0, settings).of(1), nullptr);
    settings.routes[0].in_flight = 3;
    const Limits some(book, counts, 0, settings);
    EXPECT_NE(some.of(0), nullptr);
    EXPECT_EQ(some.of(1), nullptr);
}

TEST(Places, AreGivenBackByWhoeverHadThem)
{
    const auto count = std::make_shared<PlaceCount>(0);
    {
        Place one;
        Place two;
        EXPECT_TRUE(one.take(count, 2));
        EXPECT_TRUE(two.take(count, 2));
        EXPECT_FALSE(Place().take(count, 2));
        two.give_back();
        two.give_back();
        EXPECT_EQ(*count, 1U);
        const Place moved(std::move(one));
        EXPECT_EQ(*count, 1U);
    }
    EXPECT_EQ(*count, 0U);
}

TEST(AddressCounts, HoldNobodyWhoHasLeft)
{
    AddressCounts counts;
    EXPECT_TRUE(counts.take(1, 2));
    EXPECT_TRUE(counts.take(1, 2));
    EXPECT_FALSE(counts.take(1, 2));
    EXPECT_TRUE(counts.take(65, 2)) << "another one in the same part";
    counts.give_back(1);
    EXPECT_TRUE(counts.take(1, 2));
    counts.give_back(1);
    counts.give_back(1);
    counts.give_back(1); // a stranger: nothing happens
    EXPECT_TRUE(counts.take(1, 1));
}

TEST(LagWatch, BeginsAndEndsOnlyAfterASecondOfIt)
{
    struct Look {
        std::chrono::milliseconds at;
        std::chrono::milliseconds late;
        bool sheds; // afterwards
    };

    const Look looks[] = {
        {0ms,    300ms, false},
        {900ms,  300ms, false},
        {950ms,  100ms, false}, // once in time: it begins anew
        {1000ms, 200ms, false},
        {1900ms, 200ms, false},
        {2000ms, 200ms, true }, // late for a second
        {2100ms, 90ms,  true },
        {3000ms, 150ms, true }, // not late, and not well either
        {3100ms, 90ms,  true },
        {4100ms, 0ms,   false},
    };
    LagWatch watch;
    for (const auto& look : looks) {
        SCOPED_TRACE(look.at.count());
        watch.look(look.late, 200ms, look.at);
        EXPECT_EQ(watch.sheds(), look.sheds);
    }
}

TEST(LagWatch, StopsAtOnceWhereTheLimitIsGone)
{
    LagWatch watch;
    watch.look(1s, 200ms, 1s);
    watch.look(1s, 200ms, 2s);
    EXPECT_TRUE(watch.sheds());
    watch.look(1s, 0ms, 3s);
    EXPECT_FALSE(watch.sheds());
}

TEST(LimitBook, RemembersAWhileThatItShed)
{
    LimitBook book;
    const LimitBook::Time noon{12h};
    EXPECT_FALSE(book.sheds(noon));
    book.shed(noon);
    EXPECT_TRUE(book.sheds(noon + 4s));
    EXPECT_FALSE(book.sheds(noon + 5s));
}

} // namespace
} // namespace gatehouse::gateway
