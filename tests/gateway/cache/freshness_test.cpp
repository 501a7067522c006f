#include "gateway/cache/freshness.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

constexpr auth::Seconds noon{1'784'894'400s}; // Fri, 24 Jul 2026 12:00:00 GMT
constexpr std::string_view at_noon = "Fri, 24 Jul 2026 12:00:00 GMT";
constexpr std::string_view after_an_hour = "Fri, 24 Jul 2026 13:00:00 GMT";

std::optional<Freshness> of(std::vector<Field> fields, config::RouteCacheSettings settings = {},
                            unsigned status = 200, std::chrono::seconds took = 0s)
{
    ResponseHead head;
    head.status = status;
    head.fields = std::move(fields);
    return freshness_of(head, cache_directives(head.fields), settings, noon - took, noon);
}

TEST(Freshness, IsWhatTheAnswerSays)
{
    struct Case {
        const char* name;
        std::vector<Field> fields;
        std::optional<std::chrono::seconds> lifetime;
    };

    const Case cases[] = {
        {"nothing",              {},                                                           {}   },
        {"max-age",              {{"Cache-Control", "max-age=60"}},                            60s  },
        {"s-maxage before it",   {{"Cache-Control", "max-age=60, s-maxage=5"}},                5s   },
        {"Expires",              {{"Date", at_noon}, {"Expires", after_an_hour}},              3600s},
        {"Expires by our clock", {{"Expires", after_an_hour}},                                 3600s},
        {"max-age before it",    {{"Expires", after_an_hour}, {"Cache-Control", "max-age=9"}}, 9s   },
        {"Expires in the past",  {{"Date", after_an_hour}, {"Expires", at_noon}},              0s   },
        {"Expires that is none", {{"Expires", "0"}},                                           0s   },
        {"Expires twice",        {{"Expires", after_an_hour}, {"Expires", after_an_hour}},     0s   },
        {"max-age that is none", {{"Cache-Control", "max-age=soon"}},                          0s   },
        {"no-cache",             {{"Cache-Control", "no-cache"}},                              0s   },
        {"public alone",         {{"Cache-Control", "public"}},                                {}   },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto freshness = of(c.fields);
        EXPECT_EQ(freshness ? std::optional(freshness->lifetime) : std::nullopt, c.lifetime);
    }
}

TEST(Freshness, IsTheSettingsWhereTheAnswerSaysNothing)
{
    config::RouteCacheSettings settings;
    settings.fresh_for = 30s;
    EXPECT_EQ(of({}, settings)->lifetime, 30s);
    EXPECT_EQ(of(
                  {
                      {"Cache-Control", "max-age=5"}
    },
                  settings)
                  ->lifetime,
              5s);
    EXPECT_FALSE(of({}, settings, 404)) << "an error has to say so itself";
    EXPECT_FALSE(of({}, settings, 503));
    EXPECT_EQ(of(
                  {
                      {"Cache-Control", "max-age=5"}
    },
                  settings, 404)
                  ->lifetime,
              5s);
}

TEST(Freshness, CountsTheAgeThatAnAnswerHadWhenItCame)
{
    struct Case {
        const char* name;
        std::vector<Field> fields;
        std::chrono::seconds took;
        std::chrono::seconds age; // a minute later
    };

    const Case cases[] = {
        {"none",                 {{"Date", at_noon}},                         0s, 60s          },
        {"told",                 {{"Age", "100"}},                            0s, 160s         },
        {"on the way",           {{"Age", "100"}},                            7s, 167s         },
        {"by its date",          {{"Date", "Fri, 24 Jul 2026 11:50:00 GMT"}}, 0s, 660s         },
        {"a date ahead",         {{"Date", after_an_hour}},                   0s, 60s          },
        {"more than any number", {{"Age", "99999999999999999999"}},           0s, longest_delta},
        {"no number",            {{"Age", "-5"}},                             0s, longest_delta},
        {"twice",                {{"Age", "1"}, {"Age", "1"}},                0s, longest_delta},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        auto fields = c.fields;
        fields.push_back({"Cache-Control", "max-age=60"});
        const auto freshness = of(fields, {}, 200, c.took);
        ASSERT_TRUE(freshness);
        EXPECT_EQ(freshness->age(noon + 60s), c.age);
        EXPECT_LE(freshness->left(noon + 60s), 0s);
    }
}

TEST(Freshness, IsJudgedByWhatTheClientWants)
{
    struct Case {
        const char* name;
        const char* wanted;
        std::chrono::seconds later;
        Fresh expected;
    };

    const Case cases[] = {
        {"young enough",                  "",             59s, Fresh::yes               },
        {"at its end",                    "",             60s, Fresh::while_revalidating},
        {"while somebody asks",           "",             69s, Fresh::while_revalidating},
        {"after that",                    "",             70s, Fresh::no                },
        {"younger than the client wants", "max-age=30",   30s, Fresh::yes               },
        {"older than the client wants",   "max-age=30",   31s, Fresh::no                },
        {"stale, for who says how old",   "max-age=90",   65s, Fresh::no                },
        {"too short a time left",         "min-fresh=20", 41s, Fresh::no                },
        {"no-cache",                      "no-cache",     1s,  Fresh::no                },
        {"max-age that is none",          "max-age=x",    1s,  Fresh::no                },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto freshness = of({
            {"Cache-Control", "max-age=60, stale-while-revalidate=10"}
        });
        const std::vector<Field> asked{
            {"Cache-Control", c.wanted}
        };
        EXPECT_EQ(judge_freshness(*freshness, cache_directives(asked), noon + c.later), c.expected);
    }
}

TEST(Freshness, LetsAStaleAnswerStandInForSoLong)
{
    config::RouteCacheSettings settings;
    settings.stale_if_error = 100s;
    settings.stale_while_revalidate = 50s;
    const auto freshness = of(
        {
            {"Cache-Control", "max-age=60"}
    },
        settings);
    EXPECT_TRUE(may_stand_in(*freshness, {}, noon + 159s));
    EXPECT_FALSE(may_stand_in(*freshness, {}, noon + 160s));
    EXPECT_EQ(judge_freshness(*freshness, {}, noon + 109s), Fresh::while_revalidating);
    EXPECT_FALSE(may_stand_in(*of({
                                  {"Cache-Control", "max-age=60"}
    }),
                              {}, noon + 61s));
    CacheDirectives wanted;
    wanted.no_cache = true;
    EXPECT_FALSE(may_stand_in(*freshness, wanted, noon + 61s));
}

TEST(Freshness, IsNeverStretchedWhereTheAnswerForbidsIt)
{
    config::RouteCacheSettings settings;
    settings.stale_if_error = 100s;
    settings.stale_while_revalidate = 50s;
    for (const auto* told : {"max-age=60, must-revalidate", "max-age=60, proxy-revalidate",
                             "s-maxage=60", "max-age=60, no-cache"}) {
        SCOPED_TRACE(told);
        const auto freshness = of(
            {
                {"Cache-Control", told}
        },
            settings);
        EXPECT_FALSE(may_stand_in(*freshness, {}, noon + 61s));
        EXPECT_EQ(judge_freshness(*freshness, {}, noon + 61s), Fresh::no);
    }
    const auto always = of({
        {"Cache-Control", "max-age=60, no-cache"}
    });
    EXPECT_EQ(judge_freshness(*always, {}, noon), Fresh::no) << "no-cache is asked each time";
}

TEST(Freshness, GrowsNoYoungerWhenTheClockIsSetBack)
{
    const auto freshness = of({
        {"Cache-Control", "max-age=60"},
        {"Age",           "50"        }
    });
    EXPECT_EQ(freshness->age(noon - 3600s), 50s);
}

} // namespace
} // namespace gatehouse::gateway
