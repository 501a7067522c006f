#include "gateway/observe/metrics.hpp"

#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <sstream>
#include <string>

namespace gatehouse::gateway {
namespace {

/// The text read back by the rules of Prometheus' exposition format.
struct Parsed {
    std::map<std::string, std::string> types;
    std::map<std::string, double> samples; // by name and labels as written
    std::vector<std::string> problems;
};

std::string family_of(const std::string& name, const Parsed& parsed)
{
    for (const auto* suffix : {"_bucket", "_sum", "_count"}) {
        const auto base = name.substr(0, name.rfind(suffix));
        if (name.ends_with(suffix) && parsed.types.contains(base)) return base;
    }
    return name;
}

Parsed parse(const std::string& text)
{
    const std::regex type{R"(# TYPE ([a-z_]+) (counter|gauge|histogram))"};
    const std::regex help{R"(# HELP ([a-z_]+) [^\n]+)"};
    const std::regex sample{R"re(([a-z_]+)(\{[a-z_]+="[^"\\\n]*"\})? ([0-9.e+-]+))re"};
    Parsed parsed;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        std::smatch match;
        if (std::regex_match(line, help)) continue;
        if (std::regex_match(line, match, type)) {
            if (!parsed.types.emplace(match[1], match[2]).second)
                parsed.problems.push_back("declared twice: " + line);
        } else if (!std::regex_match(line, match, sample)) {
            parsed.problems.push_back("unreadable: " + line);
        } else {
            if (!parsed.types.contains(family_of(match[1], parsed)))
                parsed.problems.push_back("undeclared: " + line);
            const bool is_new =
                parsed.samples.emplace(match[1].str() + match[2].str(), std::stod(match[3])).second;
            if (!is_new) parsed.problems.push_back("twice: " + line);
        }
    }
    if (!text.ends_with('\n')) parsed.problems.emplace_back("no end of line");
    return parsed;
}

TEST(Metrics, AreTextThatPrometheusReads)
{
    Counters one;
    Counters two;
    one.requests[2].add(5);
    two.requests[2].add(7);
    two.requests[5].add();
    one.refused(RefusalCode::token_expired);
    two.refused(RefusalCode::token_expired);
    one.connections_open.add(3);
    one.connections_open.subtract();
    two.token_cache_hits.set(40);
    one.request_duration[0].add(2);
    two.request_duration[8].add();
    one.request_microseconds.add(2'500'000);
    one.log_records_dropped.add(4);
    ProcessFacts process;
    process.ready = true;
    process.store_up = false;
    process.revoked_sessions = 9;
    process.feeds = {
        {"store",    0.25, 17        },
        {"sessions", 3,    1ULL << 60}
    };
    process.log_lines_dropped = 1;
    process.audit_dropped = 7;
    const Counters* workers[] = {&one, &two};

    const auto parsed = parse(metrics_text(workers, process));
    EXPECT_TRUE(parsed.problems.empty()) << testing::PrintToString(parsed.problems);

    struct Case {
        const char* name;
        double value;
    };

    const Case cases[] = {
        {"gatehouse_requests_total{status=\"2xx\"}",                12    },
        {"gatehouse_requests_total{status=\"5xx\"}",                1     },
        {"gatehouse_requests_total{status=\"none\"}",               0     },
        {"gatehouse_refusals_total{code=\"token_expired\"}",        2     },
        {"gatehouse_refusals_total{code=\"upstream_timeout\"}",     0     },
        {"gatehouse_connections_open",                              2     },
        {"gatehouse_token_cache_hits_total",                        40    },
        {"gatehouse_request_duration_seconds_bucket{le=\"0.001\"}", 2     },
        {"gatehouse_request_duration_seconds_bucket{le=\"10\"}",    2     },
        {"gatehouse_request_duration_seconds_bucket{le=\"+Inf\"}",  3     },
        {"gatehouse_request_duration_seconds_count",                3     },
        {"gatehouse_request_duration_seconds_sum",                  2.5   },
        {"gatehouse_revocations",                                   9     },
        {"gatehouse_change_feed_lag_seconds{feed=\"store\"}",       0.25  },
        {"gatehouse_change_feed_lag_seconds{feed=\"sessions\"}",    3     },
        {"gatehouse_change_feed_sequence{feed=\"store\"}",          17    },
        {"gatehouse_change_feed_sequence{feed=\"sessions\"}",       0x1p60},
        {"gatehouse_store_up",                                      0     },
        {"gatehouse_ready",                                         1     },
        {"gatehouse_log_lines_dropped_total",                       5     },
        {"gatehouse_build_info{version=\"" GATEHOUSE_VERSION "\"}", 1     },
        {"gatehouse_audit_dropped_total",                           7     },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        ASSERT_TRUE(parsed.samples.contains(c.name));
        EXPECT_DOUBLE_EQ(parsed.samples.at(c.name), c.value);
    }
    for (const auto& [name, type] : parsed.types) {
        EXPECT_TRUE(name.starts_with("gatehouse_")) << name;
        EXPECT_EQ(type == "counter", name.ends_with("_total")) << name;
    }
}

} // namespace
} // namespace gatehouse::gateway
