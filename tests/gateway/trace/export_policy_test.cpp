#include "gateway/trace/collector.hpp"
#include "gateway/trace/export_policy.hpp"
#include "gateway/trace/sampling.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;

TEST(ExportPolicy, TriesAgainOnlyWhatMayBeTakenLater) // OTLP, 2.4.4
{
    struct Case {
        unsigned status;
        Export expected;
    };

    const Case cases[] = {
        {0,   Export::again  },
        {200, Export::taken  },
        {204, Export::taken  },
        {302, Export::refused},
        {400, Export::refused},
        {401, Export::refused},
        {404, Export::refused},
        {429, Export::again  },
        {500, Export::refused},
        {502, Export::again  },
        {503, Export::again  },
        {504, Export::again  },
    };
    for (const auto& c : cases) {
        CollectorAnswer answer;
        answer.status = c.status;
        EXPECT_EQ(judge(answer), c.expected) << c.status;
    }
}

TEST(ExportPolicy, WaitsLongerEachTimeAndAtLeastAsLongAsAsked)
{
    EXPECT_EQ(pause_before(2, 0s), 500ms);
    EXPECT_EQ(pause_before(3, 0s), 1s);
    EXPECT_EQ(pause_before(5, 0s), 4s);
    EXPECT_EQ(pause_before(100, 0s), 30s);
    EXPECT_EQ(pause_before(2, 7s), 7s);
    EXPECT_EQ(pause_before(2, 86400s), 30s) << "nobody is asked to wait for a day";
}

TEST(ExportPolicy, ReadsWhatTheCollectorLeftOut)
{
    struct Case {
        const char* body;
        std::uint64_t spans;
        const char* message;
    };

    const Case cases[] = {
        {"",                                                                       0, ""       },
        {"{}",                                                                     0, ""       },
        {"<html>",                                                                 0, ""       },
        {R"({"partialSuccess":{}})",                                               0, ""       },
        {R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}})",   3, "too old"},
        {R"({"partialSuccess":{"rejectedSpans":3}})",                              3, ""       },
        {R"({"partialSuccess":{"rejectedSpans":-3}})",                             0, ""       },
        {R"({"partialSuccess":{"rejectedSpans":"many","errorMessage":"a hint"}})", 0, "a hint" },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.body);
        CollectorAnswer answer;
        answer.body = c.body;
        const auto rejected = rejected_by(answer);
        EXPECT_EQ(rejected.spans, c.spans);
        EXPECT_EQ(rejected.message, c.message);
    }
}

TEST(TracesUrl, GetsThePathOfTheProtocolWhereItHasNone)
{
    EXPECT_EQ(traces_url("http://127.0.0.1:4318"), "http://127.0.0.1:4318/v1/traces");
    EXPECT_EQ(traces_url("http://127.0.0.1:4318/"), "http://127.0.0.1:4318/v1/traces");
    EXPECT_EQ(traces_url("https://x/otlp"), "https://x/otlp");
}

TEST(Sampling, FollowsTheParentAndElseTheRatio)
{
    struct Case {
        const char* name;
        std::optional<unsigned> parent_flags;
        std::uint64_t trace_low;
        double ratio;
        bool expected;
    };

    constexpr auto half = std::uint64_t{1} << 63U;
    const Case cases[] = {
        {"a sampled parent",      1,            ~0ULL,    0,   true },
        {"and with other flags",  3,            ~0ULL,    0,   true },
        {"one that is not",       0,            0,        1,   false},
        {"one with another flag", 2,            0,        1,   false},
        {"no parent, all",        std::nullopt, ~0ULL,    1,   true },
        {"no parent, nothing",    std::nullopt, 0,        0,   false},
        {"no parent, below half", std::nullopt, half - 1, 0.5, true },
        {"no parent, not below",  std::nullopt, half,     0.5, false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        std::optional<TraceParent> parent;
        if (c.parent_flags)
            parent = TraceParent{{}, {}, static_cast<std::uint8_t>(*c.parent_flags)};
        EXPECT_EQ(is_sampled(parent, c.trace_low, c.ratio), c.expected);
    }
}

} // namespace
} // namespace gatehouse::gateway::test
