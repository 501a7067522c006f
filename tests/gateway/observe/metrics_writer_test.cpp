#include "gateway/observe/metrics_writer.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using enum MetricType;

std::string written(MetricsFormat format)
{
    MetricsWriter out{format};
    out.family("gatehouse_things", counter, "Things.");
    out.sample({}, std::uint64_t{3});
    out.sample(
        {
            {"of",  "a"},
            {"how", "b"}
    },
        std::uint64_t{1} << 63);
    out.single("gatehouse_level", gauge, "Level.", 0.5);
    out.single("gatehouse_whole", gauge, "Whole.", 2.0);
    out.family("gatehouse_build", info, "Build.");
    out.sample(
        {
            {"version", "1"}
    },
        std::uint64_t{1});
    return out.finish();
}

TEST(MetricsWriter, WritesPrometheusText)
{
    EXPECT_EQ(written(MetricsFormat::text), "# HELP gatehouse_things_total Things.\n"
                                            "# TYPE gatehouse_things_total counter\n"
                                            "gatehouse_things_total 3\n"
                                            "gatehouse_things_total{of=\"a\",how=\"b\"} "
                                            "9223372036854775808\n"
                                            "# HELP gatehouse_level Level.\n"
                                            "# TYPE gatehouse_level gauge\n"
                                            "gatehouse_level 0.5\n"
                                            "# HELP gatehouse_whole Whole.\n"
                                            "# TYPE gatehouse_whole gauge\n"
                                            "gatehouse_whole 2.0\n"
                                            "# HELP gatehouse_build_info Build.\n"
                                            "# TYPE gatehouse_build_info gauge\n"
                                            "gatehouse_build_info{version=\"1\"} 1\n");
}

TEST(MetricsWriter, WritesOpenMetrics)
{
    EXPECT_EQ(written(MetricsFormat::open_metrics), "# HELP gatehouse_things Things.\n"
                                                    "# TYPE gatehouse_things counter\n"
                                                    "gatehouse_things_total 3\n"
                                                    "gatehouse_things_total{of=\"a\",how=\"b\"} "
                                                    "9223372036854775808\n"
                                                    "# HELP gatehouse_level Level.\n"
                                                    "# TYPE gatehouse_level gauge\n"
                                                    "gatehouse_level 0.5\n"
                                                    "# HELP gatehouse_whole Whole.\n"
                                                    "# TYPE gatehouse_whole gauge\n"
                                                    "gatehouse_whole 2.0\n"
                                                    "# HELP gatehouse_build Build.\n"
                                                    "# TYPE gatehouse_build info\n"
                                                    "gatehouse_build_info{version=\"1\"} 1\n"
                                                    "# EOF\n");
}

TEST(MetricsWriter, AddsUpTheBucketsOfAHistogram)
{
    auth::DurationCounts counts;
    counts.buckets.front() = 2;
    counts.buckets[3] = 1;
    counts.buckets.back() = 4;
    counts.micros = 1'500'000;
    MetricsWriter out{MetricsFormat::text};
    out.family("t_seconds", histogram, "T.");
    out.histogram(
        {
            {"route", "/a"}
    },
        counts);
    const auto text = out.finish();
    for (const auto* line : {
             "t_seconds_bucket{route=\"/a\",le=\"0.0001\"} 2\n",
             "t_seconds_bucket{route=\"/a\",le=\"0.0005\"} 2\n",
             "t_seconds_bucket{route=\"/a\",le=\"0.001\"} 3\n",
             "t_seconds_bucket{route=\"/a\",le=\"1.0\"} 3\n",
             "t_seconds_bucket{route=\"/a\",le=\"60.0\"} 3\n",
             "t_seconds_bucket{route=\"/a\",le=\"+Inf\"} 7\n",
             "t_seconds_sum{route=\"/a\"} 1.5\n",
             "t_seconds_count{route=\"/a\"} 7\n",
         }) {
        EXPECT_NE(text.find(line), std::string::npos) << line << "in\n" << text;
    }
}

TEST(MetricsWriter, EscapesValuesOfLabels)
{
    MetricsWriter out{MetricsFormat::text};
    out.family("t", gauge, "T.");
    out.sample(
        {
            {"route", "/a\"b\\c\nd"}
    },
        std::uint64_t{1});
    EXPECT_TRUE(out.finish().ends_with("t{route=\"/a\\\"b\\\\c\\nd\"} 1\n"));
}

TEST(MetricsFormat, IsWhatIsAcceptedWithTheGreaterWeight)
{
    struct Case {
        const char* accept;
        MetricsFormat expected;
    };

    constexpr auto open = MetricsFormat::open_metrics;
    constexpr auto text = MetricsFormat::text;
    const Case cases[] = {
        {"",                                                       text},
        {"*/*",                                                    text},
        {"text/html,application/xhtml+xml,*/*;q=0.8",              text},
        {"application/openmetrics-text",                           open},
        {"application/openmetrics-text;version=1.0.0,"
         "application/openmetrics-text;version=0.0.1;q=0.75,"
         "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",      open}, // Prometheus 2
        {"application/vnd.google.protobuf;encoding=delimited;q=0.7,"
         "application/openmetrics-text; version=0.0.1; q=0.6,"
         "text/plain;version=0.0.4;q=0.5",                open},
        {"text/plain;version=0.0.4",                               text},
        {"text/plain, application/openmetrics-text;q=0.9",         text},
        {"text/plain;q=0.2 , application/openmetrics-text ;q=0.9", open},
        {"application/openmetrics-text;q=0",                       text},
        {"application/openmetrics-text;q=2",                       text},
        {"application/openmetrics-text;q=nan",                     text},
        {"application/openmetrics-text;version=9.9.9",             text},
        {",,;;,application/openmetrics-text;;",                    open},
        {"application/openmetrics-textile",                        text},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(format_accepted(c.accept), c.expected) << c.accept;
    }
}

} // namespace
} // namespace gatehouse::gateway
