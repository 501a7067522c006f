// What an upstream is told of the trace of a request.
#include "tests/gateway/headers/upstream_head_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace gatehouse::gateway::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr auto known_trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

class UpstreamTrace : public UpstreamHead {
protected:
    std::string told(std::vector<Field> fields)
    {
        return write(request("GET", "/", std::move(fields)));
    }
};

TEST_F(UpstreamTrace, GoesOnWithAllThatBelongsToItWhereItIsBelieved)
{
    const std::vector<Field> sent = {
        {"traceparent", known_trace},
        {"tracestate",  "a=1"      },
        {"TraceState",  "b=2"      },
        {"Baggage",     "c=3"      },
        {"baggage",     "d=4"      }
    };
    const auto believed = told(sent);
    for (const auto* line : {"traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
                             "tracestate: a=1", "TraceState: b=2", "Baggage: c=3", "baggage: d=4"})
        EXPECT_TRUE(has_line(believed, line)) << line;

    trace = {.believed = true, .with_baggage = false};
    const auto without_baggage = told(sent);
    EXPECT_THAT(without_baggage, HasSubstr("tracestate: a=1"));
    EXPECT_THAT(without_baggage, Not(HasSubstr("aggage")));

    trace = {.believed = false, .with_baggage = false};
    const auto stranger = told(sent);
    EXPECT_THAT(stranger, Not(HasSubstr("0af7651916cd43dd8448eb211c80319c")));
    EXPECT_THAT(stranger, testing::ContainsRegex("traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-01\r"));
    EXPECT_THAT(stranger, Not(HasSubstr("tate: ")));
    EXPECT_THAT(stranger, Not(HasSubstr("aggage")));
}

TEST_F(UpstreamTrace, LosesWhatIsMalformedAsAWhole)
{
    const auto states = told({
        {"traceparent", known_trace},
        {"tracestate",  "a=1"      },
        {"tracestate",  "A"        },
        {"baggage",     "a=1"      }
    });
    EXPECT_THAT(states, Not(HasSubstr("tracestate")));
    EXPECT_THAT(states, HasSubstr("baggage: a=1"));
    EXPECT_THAT(states, HasSubstr(known_trace));

    const auto baggage = told({
        {"traceparent", known_trace},
        {"tracestate",  "a=1"      },
        {"baggage",     "a=1"      },
        {"baggage",     "a"        }
    });
    EXPECT_THAT(baggage, Not(HasSubstr("baggage")));
    EXPECT_THAT(baggage, HasSubstr("tracestate: a=1"));
}

TEST_F(UpstreamTrace, TellsALaterVersionAsVersion00)
{
    const auto later = told({
        {"traceparent", "03-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-05-x"},
        {"tracestate",  "a=1"                                                      }
    });
    EXPECT_TRUE(
        has_line(later, "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
    EXPECT_TRUE(has_line(later, "tracestate: a=1"));
}

TEST_F(UpstreamTrace, NamesASpanOfOursWhereThereIsOne)
{
    const TraceIds own{0x0af7651916cd43ddU, 0x8448eb211c80319cU, 7, 1};
    trace.own = &own;
    const auto told_of_ours = told({
        {"traceparent", known_trace},
        {"tracestate",  "a=1"      }
    });
    EXPECT_TRUE(has_line(told_of_ours,
                         "traceparent: 00-0af7651916cd43dd8448eb211c80319c-0000000000000007-01"));
    EXPECT_TRUE(has_line(told_of_ours, "tracestate: a=1"));
    EXPECT_THAT(told_of_ours, Not(HasSubstr(known_trace)));
}

} // namespace
} // namespace gatehouse::gateway::test
