#include "config/load/differences.hpp"
#include "config/load/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string here = "listen: [{address: '127.0.0.1:80'}]\nregistration: closed\n";

Loaded load(const std::string& text)
{
    return load_text(here + text, "g.yaml", {});
}

std::string route_with(const std::string& more)
{
    return "routes: [{match: /a, to: 'http://b', " + more + "}]\n";
}

TEST(Rates, StandAtARouteOrUnderANameThatRoutesShare)
{
    const auto loaded =
        load("rates: {team: {by: 'header:X-Team', requests: 100, per: 1m, burst: 20}}\n" +
             route_with("rate: [{by: user, requests: 5}, {by: address, requests: 9, per: 1h, "
                        "tell: true}], rates: [team], in_flight: 7"));
    ASSERT_TRUE(loaded.ok()) << to_string(loaded.errors);
    EXPECT_THAT(loaded.warnings, IsEmpty()) << to_string(loaded.warnings);
    const auto& route = loaded.settings.routes.front();
    EXPECT_THAT(route.rate,
                ElementsAre(RateSettings{"user", 5}, RateSettings{"address", 9, 1h, 0, true}));
    EXPECT_THAT(route.rates, ElementsAre("team"));
    EXPECT_EQ(route.in_flight, 7U);
    EXPECT_EQ(loaded.settings.rates.at("team"), (RateSettings{"header:X-Team", 100, 1min, 20}));
    EXPECT_EQ(loaded.settings.rates.at("team").at_once(), 20U);
    EXPECT_EQ(route.rate.front().at_once(), 5U) << "without a burst it is what `requests` says";
}

TEST(Rates, KnowWhatTheyCountBy)
{
    EXPECT_EQ(rate_key_of("user").by, RateBy::user);
    EXPECT_EQ(rate_key_of("session").by, RateBy::session);
    EXPECT_EQ(rate_key_of("address").by, RateBy::address);
    EXPECT_EQ(rate_key_of("route").by, RateBy::route);
    EXPECT_EQ(rate_key_of("header:X-Team").by, RateBy::header);
    EXPECT_EQ(rate_key_of("header:X-Team").header, "X-Team");
}

struct Mistake {
    std::string text;
    const char* expected;
};

TEST(Rates, SayWhatIsWrong)
{
    const Mistake cases[] = {
        {route_with("rate: [{requests: 5}]"),                                                        "routes[0].rate[0].by: is missing"    },
        {route_with("rate: [{by: user}]"),                                                           "requests: is missing"                },
        {route_with("rate: [{by: ip, requests: 5}]"),                                                "is nothing to count by"              },
        {route_with("rate: [{by: 'header:', requests: 5}]"),                                         "is nothing to count by"              },
        {route_with("rate: [{by: user, requests: 0}]"),                                              "requests"                            },
        {route_with("rate: [{by: user, requests: 5, per: 1500ms}]"),                                 "whole number of seconds"             },
        {route_with("rate: [{by: user, requests: 1, per: 24h, burst: 2}]"),                          "more than a day"                     },
        {route_with("rates: [team]"),                                                                "is no rate"                          },
        {"rates: {'a b': {by: user, requests: 5}}\n",                                                "is not a name for a rate"            },
        {"limits: {loop_lag: 50ms}\n",                                                               "cannot be told from a worker at rest"},
        {route_with(
             "rate: [{by: user, requests: 1}, {by: user, requests: 2}, {by: user, requests: 3}, "
             "{by: user, requests: 4}, {by: user, requests: 5}, {by: user, requests: 6}, "
             "{by: user, requests: 7}, {by: user, requests: 8}, {by: user, requests: 9}]"),
         "more than 8 rates"                                                                                                               },
        {route_with("in_flight: 0"),                                                                 "in_flight"                           },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        EXPECT_THAT(to_string(load(c.text).errors), HasSubstr(c.expected));
    }
}

TEST(Rates, WarnOfWhatIsProbablyNotMeant)
{
    const Mistake cases[] = {
        {"rates: {team: {by: user, requests: 5}}\n",                                        "no route has this rate"     },
        {route_with("auth: none, rate: [{by: user, requests: 5}]"),                         "everybody counts by address"},
        {"rates: {t: {by: session, requests: 5}}\n" + route_with("auth: none, rates: [t]"),
         "everybody counts by address"                                                                                   },
        {route_with("rate: [{by: user, requests: 5, shared: true}]"),
         "no other gateway can count in this store"                                                                      },
        {route_with("rate: [{by: 'header:x_user_id', requests: 5}]"),                       "write `by: user`"           },
        {"identity: {header: X-Who}\nrates: {t: {by: 'header:X-Who', requests: 5}}\n" +
             route_with("rates: [t]"),
         "rates.t.by: counts by what clients write into X-Who"                                                           },
        {route_with("rate: [{by: 'header:X-Session-Id', requests: 5}]"),                    "write `by: session`"        },
        {route_with("rate: [{by: 'header:X-Forwarded-For', requests: 5}]"),                 "write `by: address`"        },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        const auto loaded = load(c.text);
        EXPECT_TRUE(loaded.ok()) << to_string(loaded.errors);
        EXPECT_THAT(to_string(loaded.warnings), HasSubstr(c.expected));
    }
}

TEST(Rates, AreTakenByAReload)
{
    const auto running = load(route_with("rate: [{by: user, requests: 5}]")).settings;
    auto wanted = load(route_with("rate: [{by: user, requests: 6}]")).settings;
    const auto found = settle_differences(running, wanted);
    EXPECT_THAT(found.take_effect, ElementsAre("routes[0].rate[0].requests"));
    EXPECT_THAT(found.need_a_restart, IsEmpty());
}

} // namespace
} // namespace gatehouse::config
