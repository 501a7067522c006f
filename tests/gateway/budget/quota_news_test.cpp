#include "gateway/budget/quota_news.hpp"
#include "gateway/headers/http_date.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

constexpr auth::Seconds now{1'784'894'400s}; // Fri, 24 Jul 2026 12:00:00 GMT

struct Case {
    const char* name;
    unsigned status;
    std::vector<Field> fields;
    std::chrono::seconds closed;
    std::vector<std::pair<std::uint64_t, std::chrono::seconds>> left{};
};

void check(const Case& c)
{
    SCOPED_TRACE(c.name);
    const auto news = quota_news(c.status, c.fields, now);
    EXPECT_EQ(news.closed, c.closed);
    ASSERT_EQ(news.lefts, c.left.size());
    for (std::size_t i = 0; i < c.left.size(); ++i) {
        EXPECT_EQ(news.left[i].requests, c.left[i].first);
        EXPECT_EQ(news.left[i].until, c.left[i].second);
    }
}

TEST(QuotaNews, HearsRetryAfter)
{
    const Case cases[] = {
        {"seconds",                 429, {{"Retry-After", "7"}},                             7s    },
        {"of a 503",                503, {{"retry-after", "7"}},                             7s    },
        {"of another answer",       200, {{"Retry-After", "7"}},                             0s    },
        {"of a redirection",        301, {{"Retry-After", "7"}},                             0s    },
        {"a date",                  429, {{"Retry-After", "Fri, 24 Jul 2026 12:01:30 GMT"}}, 90s   },
        {"a date by its own clock",
         429,                            {{"Retry-After", "Fri, 24 Jul 2026 12:01:30 GMT"},
          {"Date", "Fri, 24 Jul 2026 12:01:00 GMT"}},
         30s                                                                                       },
        {"a date that is over",     429, {{"Retry-After", "Fri, 24 Jul 2020 12:01:30 GMT"}}, 0s    },
        {"for ever",                429, {{"Retry-After", "18446744073709551615"}},          86400s},
        {"in another century",      429, {{"Retry-After", "Fri, 24 Jul 9999 12:01:30 GMT"}}, 86400s},
        {"more than any number",    429, {{"Retry-After", "99999999999999999999999"}},       86400s},
        {"a part of a second",      429, {{"Retry-After", "0.25"}},                          1s    },
        {"a whole one as a part",   429, {{"Retry-After", "2.00"}},                          2s    },
        {"negative",                429, {{"Retry-After", "-1"}},                            0s    },
        {"no number",               429, {{"Retry-After", "soon"}},                          0s    },
        {"twice",                   429, {{"Retry-After", "7"}, {"Retry-After", "8"}},       0s    },
        {"empty",                   429, {{"Retry-After", ""}},                              0s    },
    };
    for (const auto& c : cases) check(c);
}

TEST(QuotaNews, HearsWhatIsLeft)
{
    const Case cases[] = {
        {"GitHub's, a time of day",
         200,                                               {{"X-RateLimit-Remaining", "41"}, {"X-RateLimit-Reset", "1784894460"}},
         0s,                                                                                                                                    {{41, 60s}}                         },
        {"in milliseconds",
         200,                                               {{"X-RateLimit-Remaining", "41"}, {"X-RateLimit-Reset", "1784894460000"}},
         0s,                                                                                                                                    {{41, 60s}}                         },
        {"in milliseconds, in the middle of a second",
         200,                                               {{"X-RateLimit-Remaining", "41"}, {"X-RateLimit-Reset", "1784894459001"}},
         0s,                                                                                                                                    {{41, 60s}}                         },
        {"in seconds from now",
         200,                                               {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "12"}},
         0s,                                                                                                                                    {{0, 12s}}                          },
        {"with a fraction",
         200,                                               {{"X-RateLimit-Remaining", "5"}, {"X-RateLimit-Reset", "12.75"}},
         0s,                                                                                                                                    {{5, 13s}}                          },
        {"a reset in the past",
         200,                                               {{"X-RateLimit-Remaining", "5"}, {"X-RateLimit-Reset", "1700000000"}},
         0s,                                                                                                                                    {}                                  },
        {"left without a reset",                       200, {{"X-RateLimit-Remaining", "5"}},                                               0s, {}                                  },
        {"none without a reset",                       200, {{"X-RateLimit-Remaining", "0"}},                                               0s, {{0, 1s}}                           },
        {"a negative number",
         200,                                               {{"X-RateLimit-Remaining", "-3"}, {"X-RateLimit-Reset", "12"}},
         0s,                                                                                                                                    {}                                  },
        {"a draft's",                                  200, {{"RateLimit-Remaining", "3"}, {"RateLimit-Reset", "9"}},                       0s, {{3, 9s}}                           },
        {"a later draft's",
         200,                                               {{"RateLimit", R"("burst";r=3;t=9, "day";r=900;t=3600)"}},
         0s,                                                                                                                                    {{3, 9s}, {900, 3600s}}             },
        {"the same in two lines",
         200,                                               {{"RateLimit", R"("burst";r=3;t=9)"}, {"RateLimit", R"("day";r=900;t=3600)"}},
         0s,                                                                                                                                    {{3, 9s}, {900, 3600s}}             },
        {"one between them",                           200, {{"RateLimit", "limit=10, remaining=3, reset=9"}},                              0s, {{3, 9s}}                           },
        {"both",
         429,                                               {{"Retry-After", "2"}, {"RateLimit-Remaining", "0"}, {"RateLimit-Reset", "9"}},
         2s,                                                                                                                                    {{0, 9s}}                           },
        {"too many of them",
         200,                                               {{"RateLimit", R"(a;r=1;t=1,b;r=1;t=1,c;r=1;t=1,d;r=1;t=1,e;r=1;t=1)"}},
         0s,                                                                                                                                    {{1, 1s}, {1, 1s}, {1, 1s}, {1, 1s}}},
        {"nonsense",                                   200, {{"RateLimit", ";;;=,=;r=;t"}},                                                 0s, {}                                  },
    };
    for (const auto& c : cases) check(c);
}

TEST(HttpDate, IsReadInAllThreeForms)
{
    struct Date {
        const char* text;
        std::optional<auth::Seconds> expected;
    };

    const auth::Seconds long_ago{784'111'777s};
    const Date cases[] = {
        {"Sun, 06 Nov 1994 08:49:37 GMT",  long_ago         },
        {"Sunday, 06-Nov-94 08:49:37 GMT", long_ago         },
        {"Sun Nov  6 08:49:37 1994",       long_ago         },
        {"Fri, 24 Jul 2026 12:00:00 GMT",  now              },
        {"Friday, 24-Jul-26 12:00:00 GMT", now              },
        {"Thu, 01 Jan 1970 00:00:00 GMT",  auth::Seconds{0s}},
        {"Sun, 06 Nov 1994 08:49:37 UTC",  {}               },
        {"Sun, 06 Nov 1994 08:49:37 GMT ", {}               },
        {" Sun, 06 Nov 1994 08:49:37 GMT", {}               },
        {"Sun, 6 Nov 1994 08:49:37 GMT",   {}               },
        {"Sun, 06 nov 1994 08:49:37 GMT",  {}               },
        {"Sun, 31 Feb 1994 08:49:37 GMT",  {}               },
        {"Sun, 06 Nov 1994 24:49:37 GMT",  {}               },
        {"Sun, 06 Nov 1994 08:49:61 GMT",  {}               },
        {"Sun, 06 Nov 1994 08:49 GMT",     {}               },
        {"0",                              {}               },
        {"-1",                             {}               },
        {"",                               {}               },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        EXPECT_EQ(parse_http_date(c.text), c.expected);
    }
}

} // namespace
} // namespace gatehouse::gateway
