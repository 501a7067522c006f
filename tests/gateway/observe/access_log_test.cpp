#include "auth/json/reader.hpp"
#include "gateway/observe/access_log.hpp"
#include "gateway/observe/log_line.hpp"
#include "gateway/observe/security_lines.hpp"
#include "gateway/observe/store_lines.hpp"
#include "tests/gateway/support/allocation_count.hpp"
#include "tests/gateway/support/log_pipe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using testing::HasSubstr;
using testing::Not;

AccessRecord record()
{
    AccessRecord record;
    record.at = auth::Millis{1'800'000'000'123ms};
    record.took = 1234us;
    record.client = "192.0.2.7";
    record.method = "GET";
    record.host = "api.example";
    record.path = "/orders/1";
    record.status = 200;
    record.bytes_in = 120;
    record.bytes_out = 5300;
    record.user_id = "ann";
    record.request_id = "req-1";
    record.upstream = "10.0.0.1:8080";
    return record;
}

std::string json(const AccessRecord& of)
{
    return std::string(LineFormat().json(of));
}

std::string dev(const AccessRecord& of)
{
    return std::string(LineFormat().dev(LoggedRequest(of), usual_fields));
}

TEST(LogLine, SaysOneRequestInJson)
{
    EXPECT_EQ(
        json(record()),
        R"({"time":"2027-01-15T08:00:00.123Z","log":"access","client":"192.0.2.7",)"
        R"("method":"GET","host":"api.example","path":"/orders/1","status":200,"bytes_in":120,)"
        R"("bytes_out":5300,"milliseconds":1.234,"user_id":"ann","request_id":"req-1",)"
        R"("upstream":"10.0.0.1:8080"})"
        "\n");
    auto refused = record();
    refused.user_id = refused.upstream = {};
    refused.refusal = "token_invalid";
    refused.reason = "bad_signature";
    refused.took = 12us;
    EXPECT_THAT(json(refused),
                HasSubstr(R"("milliseconds":0.012,"request_id":"req-1","refusal":"token_invalid",)"
                          R"("reason":"bad_signature"})"));
}

TEST(LogLine, SaysOneRequestToPeople)
{
    EXPECT_EQ(dev(record()), "08:00:00.123 GET /orders/1 200 1.234ms 5300B user=ann "
                             "upstream=10.0.0.1:8080 id=req-1\n");
}

TEST(LogLine, NeverHoldsAQuery) // R66
{
    auto of = record();
    of.path = "/reset?token=secret";
    EXPECT_THAT(json(of), Not(HasSubstr("secret")));
    EXPECT_THAT(dev(of), Not(HasSubstr("secret")));
    EXPECT_THAT(json(of), HasSubstr(R"("path":"/reset")"));
}

TEST(LogLine, StaysOneLineWhateverTheClientSends) // R66; CVE-2024-45808
{
    const auto hostile = "a\r\n{\"log\":\"forged\"}\x1b[31m\"\\\0\x7f\xff\xc3\xa9"s;
    auto of = record();
    of.method = of.host = of.path = of.user_id = of.request_id = of.upstream = of.reason = hostile;
    for (const auto& line : {json(of), dev(of)}) {
        SCOPED_TRACE(line);
        EXPECT_EQ(line.find('\n'), line.size() - 1);
        for (const char c : {'\r', '\0', '\x1b', '\x7f'}) EXPECT_EQ(line.find(c), line.npos);
    }
    auth::json::ReadRules rules;
    rules.allow_nul = true;
    EXPECT_TRUE(auth::json::read(json(of), rules)) << json(of);
    EXPECT_THAT(dev(of), HasSubstr(R"(a\x0d\x0a{"log")"));
}

TEST(LogLine, HasRoomForTheLongestLine)
{
    AccessRecord of;
    of.at = auth::Millis{1'800'000'000'999ms};
    of.took = std::chrono::microseconds::max();
    of.status = std::numeric_limits<unsigned>::max();
    of.bytes_in = of.bytes_out = std::numeric_limits<std::uint64_t>::max();
    const std::string text(1000, '\x01');
    of.client = of.method = of.host = of.path = of.user_id = text;
    of.request_id = of.upstream = of.refusal = of.reason = text;
    std::string escaped;
    for (std::size_t i = 0; i < text.size(); ++i) escaped += "\\u0001";
    EXPECT_EQ(json(of), R"({"time":"2027-01-15T08:00:00.999Z","log":"access","client":")" +
                            escaped + R"(","method":")" + escaped + R"(","host":")" + escaped +
                            R"(","path":")" + escaped +
                            R"(","status":4294967295,"bytes_in":18446744073709551615,)"
                            R"("bytes_out":18446744073709551615,"milliseconds":)"
                            R"(9223372036854775.807,"user_id":")" +
                            escaped + R"(","request_id":")" + escaped + R"(","upstream":")" +
                            escaped + R"(","refusal":")" + escaped + R"(","reason":")" + escaped +
                            "\"}\n");
    EXPECT_THAT(dev(of), testing::EndsWith("\\x01\n"));
}

TEST(SecondText, FollowsTheClockInBothDirections)
{
    SecondText text;
    const auth::Seconds at{1'800'000'000s};
    EXPECT_EQ(text.of(at), "2027-01-15T08:00:00");
    EXPECT_EQ(text.of(at), "2027-01-15T08:00:00");
    EXPECT_EQ(text.of(at + 61s), "2027-01-15T08:01:01");
    EXPECT_EQ(text.of(at - 1s), "2027-01-15T07:59:59");
    EXPECT_EQ(text.of(auth::Seconds{}), "1970-01-01T00:00:00");
}

/// A log into a pipe, and what came out of it when the log was closed.
std::string logged(const config::LogSettings& settings, Counters& counters,
                   const std::vector<AccessRecord>& records)
{
    test::LogPipe pipe;
    {
        LogWriter writer{pipe.writer(), 1};
        AccessLog log{settings, writer.lane(0), counters};
        for (const auto& each : records) log.record(each);
    }
    pipe.close_writer();
    return pipe.read_all();
}

TEST(AccessLog, WritesLinesInOrderInTheChosenFormat)
{
    Counters counters;
    auto second = record();
    second.path = "/second";
    config::LogSettings settings;
    EXPECT_EQ(logged(settings, counters, {record(), second}), json(record()) + json(second));
    settings.format = config::LogFormat::dev;
    EXPECT_EQ(logged(settings, counters, {record()}), dev(record()));
    settings.access = false;
    EXPECT_EQ(logged(settings, counters, {record()}), "");
}

TEST(AccessLog, DropsAndCountsWhenNobodyReads)
{
    Counters counters;
    test::LogPipe pipe;
    LogWriter writer{pipe.writer(), 1, {.lane_bytes = 4096}};
    AccessLog log{config::LogSettings{}, writer.lane(0), counters};
    // The pipe holds 64 KiB, the ring 4 KiB: a thousand lines of 250 bytes find room for neither.
    for (int i = 0; i < 1000; ++i) log.record(record());
    EXPECT_GT(counters.log_records_dropped.value(), 0U);
    pipe.close_reader(); // the writer need not wait for anybody
}

TEST(AccessLog, AllocatesNothingOnceWarm)
{
    if (!test::counts_allocations()) GTEST_SKIP();
    Counters counters;
    test::LogPipe pipe;
    LogWriter writer{pipe.writer(), 1};
    for (const auto format : {config::LogFormat::json, config::LogFormat::dev}) {
        config::LogSettings settings;
        settings.format = format;
        AccessLog log{settings, writer.lane(0), counters};
        EXPECT_EQ(test::allocations_of([&] { log.record(record()); }), 0U);
    }
    pipe.close_reader();
}

TEST(SecurityLines, WritesOneLineForEachEvent) // R66
{
    test::LogPipe pipe;
    {
        LogWriter writer{pipe.writer(), 1};
        EventLog events{writer, {}};
        SecurityLines log{events};
        auth::SecurityEvent event;
        event.kind = auth::SecurityEventKind::login;
        event.outcome = "invalid_credentials";
        event.address = "192.0.2.7";
        event.request_id = "a\"\r\nb";
        event.at = auth::Millis{1'800'000'000'000ms};
        log.record(event);
    }
    pipe.close_writer();
    EXPECT_EQ(pipe.read_all(),
              R"({"time":"2027-01-15T08:00:00.000Z","log":"security","event":"login",)"
              R"("outcome":"invalid_credentials","client":"192.0.2.7","request_id":"a\"\r\nb"})"
              "\n");
}

TEST(StoreLines, WritesOneLineForAFailureAndThoseItStandsFor)
{
    test::LogPipe pipe;
    {
        LogWriter writer{pipe.writer(), 1};
        EventLog events{writer, {}};
        StoreLines log{events};
        const auth::Millis at{1'800'000'000'000ms};
        log.failed("Connection refused", 0, at);
        log.waited();
        log.failed("database is locked", 0, at);
        log.failed("FATAL:  \"x\"\n", 41, at);
    }
    pipe.close_writer();
    EXPECT_EQ(
        pipe.read_all(),
        R"({"time":"2027-01-15T08:00:00.000Z","log":"store","level":"warn","event":"waiting",)"
        R"("reason":"Connection refused"})"
        "\n"
        R"({"time":"2027-01-15T08:00:00.000Z","log":"store","level":"error","event":"failed",)"
        R"("reason":"database is locked"})"
        "\n"
        R"({"time":"2027-01-15T08:00:00.000Z","log":"store","level":"error","event":"failed",)"
        R"("reason":"FATAL:  \"x\"\n","more":41})"
        "\n");
}

} // namespace
} // namespace gatehouse::gateway
