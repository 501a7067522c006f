#include "gateway/command/moment.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

constexpr auth::Millis now{1'800'000'000'123ms}; // 2027-01-15T08:00:00.123Z

TEST(Moment, IsSoLongAgoOrADayOrATimeInUtc)
{
    struct Case {
        const char* text;
        std::optional<auth::Millis> expected;
    };

    const auto day = auth::Millis{1'799'971'200s}; // 2027-01-15
    const Case cases[] = {
        {"24h",                       now - 24h                   },
        {"90d",                       now - 90 * 24h              },
        {"0",                         now                         },
        {"999999d",                   auth::Millis{}              }, // before there was a calendar
        {"2027-01-15",                day                         },
        {"2027-01-15T08:30",          day + 8h + 30min            },
        {"2027-01-15T08:30:07",       day + 8h + 30min + 7s       },
        {"2027-01-15T08:30:07Z",      day + 8h + 30min + 7s       },
        {"2024-02-29T23:59:59Z",      auth::Millis{1'709'251'199s}},
        {"",                          {}                          },
        {"24",                        {}                          },
        {"yesterday",                 {}                          },
        {"2027-02-29",                {}                          },
        {"2027-13-01",                {}                          },
        {"2027-01-15Z",               day                         },
        {"2027-01-15T24:00",          {}                          },
        {"2027-01-15T08:60",          {}                          },
        {"2027-01-15T08:30:60",       {}                          },
        {"2027-01-15 08:30",          {}                          },
        {"27-01-15",                  {}                          },
        {"2027-01-15T08:30:07+01:00", {}                          },
        {"-24h",                      {}                          },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        EXPECT_EQ(parse_moment(c.text, now), c.expected);
    }
}

} // namespace
} // namespace gatehouse::gateway
