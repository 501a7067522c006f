#include "gateway/observe/metrics.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <map>
#include <memory>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

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
    const std::regex sample{
        R"re(([a-z_]+)(\{[a-z_]+="[^"\\\n]*"(?:,[a-z_]+="[^"\\\n]*")*\})? ([0-9.e+-]+))re"};
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

/// Two workers that have seen a little of everything.
class Metrics : public testing::Test {
protected:
    Metrics()
    {
        settings.routes.resize(1);
        settings.routes[0].match = "/a/**";
        const std::vector<std::string> upstreams = {"orders"};
        for (std::size_t i = 0; i < 2; ++i) {
            traffic.push_back(std::make_unique<Traffic>(book, i, settings, upstreams));
        }
        counted(0).methods[method_number("GET")].add(5);
        counted(1).methods[method_number("GET")].add(7);
        counted(0).refused(RefusalCode::token_expired);
        counted(1).refused(RefusalCode::token_expired);
        counted(0).connections_open.add(3);
        counted(0).connections_open.subtract();
        counted(1).token_cache_hits.set(40);
        counted(0).token_cache_entries.set(3);
        counted(1).token_cache_entries.set(4);
        counted(0).log_records_dropped.add(4);
        for (auto& worker : traffic) {
            worker->route(0).requests[2].add(6);
            worker->route(0).bytes_in.add(100);
            worker->route(0).duration.add(100);
            worker->upstream(0).requests[2].add(6);
            worker->upstream(0).failed(RefusalCode::upstream_timeout);
            worker->upstream(0).first_byte.add(2'000);
            worker->upstream(0).connections_opened.add(3);
            worker->upstream(0).retries.add(2);
        }
        for (std::size_t worker = 0; worker < 2; ++worker) {
            endpoints.push_back(book.endpoints.hold("orders\nh:1", worker));
            auto& endpoint = *endpoints.back().counted;
            endpoint.requests[2].add(3);
            endpoint.failed(RefusalCode::upstream_reset);
            endpoint.in_flight.add(2);
            endpoint.in_flight.subtract();
            endpoint.connections.add(2);
            endpoint.retries.add();
        }
        traffic[1]->route(0).requests[5].add();
        traffic[1]->route(0).duration.add(61'000'000);
        traffic[0]->none().requests[0].add();
    }

    Counters& counted(std::size_t worker) { return counters[worker]; }

    MetricsView view()
    {
        MetricsView view;
        view.workers = {&counters[0], &counters[1]};
        view.routes = book.routes.show();
        view.upstreams = book.upstreams.show();
        view.endpoints = book.endpoints.show();
        view.fitness = {
            {"orders", "h:1", false, 3}
        };
        auto& process = view.process;
        process.ready = true;
        process.store_up = false;
        process.revoked_sessions = 9;
        process.feeds = {
            {"store",    0.25, 17,         {}},
            {"sessions", 3,    1ULL << 60, {}}
        };
        process.feeds[0].ages.buckets[7] = 2;
        process.feeds[0].ages.micros = 40'000;
        process.stores = {
            {"store",    &store,       false},
            {"sessions", &redis_store, true }
        };
        process.auth_calls = {
            {"login", "ok",                  3},
            {"login", "invalid_credentials", 2}
        };
        process.hashes.budget = {4, 64, 5};
        process.hashes.running = 2;
        process.log_lines_dropped = 1;
        process.audit_dropped = 7;
        process.config = {.generation = 4,
                          .live_generations = 2,
                          .reloads_ok = 5,
                          .reloads_failed = 6,
                          .last_reload_ok = false};
        process.seen_dropped = 11;
        process.connections_limit = 10'000;
        process.usage = read_process_usage();
        return view;
    }

    config::Settings settings;
    TrafficBook book;
    Counters counters[2];
    std::vector<std::unique_ptr<Traffic>> traffic;
    std::vector<TallyBook<EndpointCounters>::Held> endpoints;
    auth::StoreMeter store{0};
    auth::StoreMeter redis_store{16};
};

TEST_F(Metrics, AreTextThatPrometheusReads)
{
    {
        auth::StoreMeter::Call call(&store, auth::StoreMeter::Kind::write);
        call.failed();
    }
    const auto parsed = parse(metrics_text(view(), MetricsFormat::text));
    EXPECT_TRUE(parsed.problems.empty()) << testing::PrintToString(parsed.problems);

    struct Case {
        const char* name;
        double value;
    };

    const Case cases[] = {
        {"gatehouse_requests_total{route=\"/a/**\",status=\"2xx\"}",                               12     },
        {"gatehouse_requests_total{route=\"/a/**\",status=\"5xx\"}",                               1      },
        {"gatehouse_requests_total{route=\"none\",status=\"none\"}",                               1      },
        {"gatehouse_requests_by_method_total{method=\"GET\"}",                                     12     },
        {"gatehouse_received_bytes_total{route=\"/a/**\"}",                                        200    },
        {"gatehouse_request_duration_seconds_bucket{route=\"/a/**\",le=\"0.0001\"}",               2      },
        {"gatehouse_request_duration_seconds_bucket{route=\"/a/**\",le=\"60.0\"}",                 2      },
        {"gatehouse_request_duration_seconds_bucket{route=\"/a/**\",le=\"+Inf\"}",                 3      },
        {"gatehouse_request_duration_seconds_count{route=\"/a/**\"}",                              3      },
        {"gatehouse_request_duration_seconds_sum{route=\"/a/**\"}",                                61.0002},
        {"gatehouse_upstream_requests_total{upstream=\"orders\",status=\"2xx\"}",                  12     },
        {"gatehouse_upstream_failures_total{upstream=\"orders\",code=\"upstream_timeout\"}",       2      },
        {"gatehouse_upstream_first_byte_seconds_count{upstream=\"orders\"}",                       2      },
        {"gatehouse_upstream_connections_opened_total{upstream=\"orders\"}",                       6      },
        {"gatehouse_upstream_retries_total{upstream=\"orders\"}",                                  4      },
        {"gatehouse_endpoint_requests_total{upstream=\"orders\",endpoint=\"h:1\",status=\"2xx\"}",
         6                                                                                                },
        {"gatehouse_endpoint_failures_total{upstream=\"orders\",endpoint=\"h:1\",code=\"upstream_"
         "reset\"}",                                                                      2      },
        {"gatehouse_endpoint_requests_in_flight{upstream=\"orders\",endpoint=\"h:1\"}",            2      },
        {"gatehouse_endpoint_connections_open{upstream=\"orders\",endpoint=\"h:1\"}",              4      },
        {"gatehouse_endpoint_retries_total{upstream=\"orders\",endpoint=\"h:1\"}",                 2      },
        {"gatehouse_endpoint_used{upstream=\"orders\",endpoint=\"h:1\"}",                          0      },
        {"gatehouse_endpoint_ejections_total{upstream=\"orders\",endpoint=\"h:1\"}",               3      },
        {"gatehouse_refusals_total{code=\"token_expired\"}",                                       2      },
        {"gatehouse_refusals_total{code=\"upstream_timeout\"}",                                    0      },
        {"gatehouse_connections_open",                                                             2      },
        {"gatehouse_connections_limit",                                                            10'000 },
        {"gatehouse_auth_calls_total{call=\"login\",outcome=\"invalid_credentials\"}",             2      },
        {"gatehouse_token_cache_hits_total",                                                       40     },
        {"gatehouse_token_cache_entries",                                                          7      },
        {"gatehouse_hash_places_taken",                                                            4      },
        {"gatehouse_hash_rejected_total",                                                          5      },
        {"gatehouse_hash_duration_seconds_count",                                                  0      },
        {"gatehouse_store_call_duration_seconds_count{store=\"store\",kind=\"write\"}",            1      },
        {"gatehouse_store_call_errors_total{store=\"store\",kind=\"write\"}",                      1      },
        {"gatehouse_store_call_errors_total{store=\"sessions\",kind=\"command\"}",                 0      },
        {"gatehouse_store_connections_limit{store=\"sessions\"}",                                  16     },
        {"gatehouse_revocations",                                                                  9      },
        {"gatehouse_revocation_lag_seconds_count{feed=\"store\"}",                                 2      },
        {"gatehouse_change_feed_lag_seconds{feed=\"store\"}",                                      0.25   },
        {"gatehouse_change_feed_lag_seconds{feed=\"sessions\"}",                                   3      },
        {"gatehouse_change_feed_sequence{feed=\"store\"}",                                         17     },
        {"gatehouse_change_feed_sequence{feed=\"sessions\"}",                                      0x1p60 },
        {"gatehouse_store_up",                                                                     0      },
        {"gatehouse_ready",                                                                        1      },
        {"gatehouse_workers",                                                                      2      },
        {"gatehouse_log_lines_dropped_total",                                                      5      },
        {"gatehouse_build_info{version=\"" GATEHOUSE_VERSION "\"}",                                1      },
        {"gatehouse_audit_dropped_total",                                                          7      },
        {"gatehouse_config_generation",                                                            4      },
        {"gatehouse_config_generations_live",                                                      2      },
        {"gatehouse_config_reloads_total{result=\"ok\"}",                                          5      },
        {"gatehouse_config_reloads_total{result=\"failed\"}",                                      6      },
        {"gatehouse_config_last_reload_successful",                                                0      },
        {"gatehouse_seen_pairs_dropped_total",                                                     11     },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        ASSERT_TRUE(parsed.samples.contains(c.name));
        EXPECT_DOUBLE_EQ(parsed.samples.at(c.name), c.value);
    }
    EXPECT_FALSE(parsed.samples.contains("gatehouse_store_connections_limit{store=\"store\"}"));
    for (const auto& [name, type] : parsed.types) {
        EXPECT_TRUE(name.starts_with("gatehouse_") || name.starts_with("process_")) << name;
        EXPECT_EQ(type == "counter", name.ends_with("_total")) << name;
    }
}

TEST_F(Metrics, TellOfTheProcessWhatTheKernelKnows)
{
    const auto parsed = parse(metrics_text(view(), MetricsFormat::text));
    const auto value = [&](const char* name) {
        return parsed.samples.contains(name) ? parsed.samples.at(name) : -1;
    };
    EXPECT_GT(value("process_resident_memory_bytes"), 1 << 20);
    EXPECT_GT(value("process_virtual_memory_bytes"), value("process_resident_memory_bytes"));
    EXPECT_GE(value("process_threads"), 1);
    EXPECT_GE(value("process_open_fds"), 3);
    EXPECT_GT(value("process_max_fds"), value("process_open_fds"));
    EXPECT_GE(value("process_cpu_seconds_total"), 0);
    const auto now = static_cast<double>(std::time(nullptr));
    EXPECT_GT(value("process_start_time_seconds"), now - 3600 * 24);
    EXPECT_LE(value("process_start_time_seconds"), now + 2);
}

} // namespace
} // namespace gatehouse::gateway
