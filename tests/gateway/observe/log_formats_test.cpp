// The lines of requests with chosen fields, redacted, sampled and in the combined format.
#include "auth/json/reader.hpp"
#include "gateway/http/head.hpp"
#include "gateway/observe/access_log.hpp"
#include "gateway/observe/event_log.hpp"
#include "tests/gateway/support/log_pipe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using testing::HasSubstr;
using testing::Not;

const std::string key =
    "gh_5tQb0xWkPz3sEoLdQb7Tn0_Zs8s1q2w3e4r5t6y7u8i9o0pA1S2D3F4G5H6J7K8L9a_Ab-d_1";

/// A request and what it said.
struct Request {
    Request()
    {
        head.method = "GET";
        head.target = "/orders/1?page=2&token=abc";
        head.fields = {
            {"Referer",     "https://app.example/a?code=xyz"                         },
            {"User-Agent",  "curl/8 \"x\" \\"                                        },
            {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
        };
        record.at = auth::Millis{1'800'000'000'123ms};
        record.took = 1234us;
        record.client = "192.0.2.7";
        record.method = "GET";
        record.host = "api.example";
        record.path = "/orders/1";
        record.status = 200;
        record.bytes_in = 120;
        record.bytes_out = 5300;
        record.head_bytes = 300;
        record.user_id = "ann";
        record.request_id = "req-1";
        record.upstream = "10.0.0.1:8080";
        record.head = &head;
    }

    RequestHead head;
    AccessRecord record;
};

std::string logged(const config::LogSettings& settings, const std::vector<AccessRecord>& records)
{
    Counters counters;
    test::LogPipe pipe;
    {
        LogWriter writer{pipe.writer(), 1};
        AccessLog log{settings, writer.lane(0), counters};
        for (const auto& each : records) log.record(each);
    }
    pipe.close_writer();
    return pipe.read_all();
}

config::LogSettings as(config::LogFormat format, std::vector<std::string> fields = {})
{
    config::LogSettings settings;
    settings.format = format;
    settings.fields = std::move(fields);
    return settings;
}

TEST(CombinedLine, IsWhatReadersOfSuchLogsExpect)
{
    const Request request;
    EXPECT_EQ(logged(as(config::LogFormat::combined), {request.record}),
              R"(192.0.2.7 - ann [15/Jan/2027:08:00:00 +0000] )"
              R"("GET /orders/1?page=2&token=*** HTTP/1.1" 200 5000 )"
              R"("https://app.example/a?code=***" "curl/8 \"x\" \\")"
              "\n");
}

TEST(CombinedLine, SaysADashForWhatIsMissing)
{
    AccessRecord record;
    record.at = auth::Millis{1'800'000'000'123ms};
    record.client = "192.0.2.7";
    RequestHead head;
    record.head = &head;
    EXPECT_EQ(logged(as(config::LogFormat::combined), {record}),
              R"(192.0.2.7 - - [15/Jan/2027:08:00:00 +0000] "-" 499 - "-" "-")"
              "\n");
}

TEST(CombinedLine, SaysMoreWhenAsked)
{
    Request request;
    request.record.refusal = "bad\"\n";
    const auto settings = as(config::LogFormat::combined,
                             {"request_id", "milliseconds", "refusal", "trace_id", "bytes_in"});
    EXPECT_THAT(logged(settings, {request.record}),
                testing::EndsWith(" request_id=\"req-1\""
                                  " trace_id=\"0af7651916cd43dd8448eb211c80319c\""
                                  " refusal=\"bad\\\"\\x0a\" bytes_in=120 milliseconds=1.234\n"));
}

TEST(LogLine, SaysTheChosenFields)
{
    const Request request;
    EXPECT_EQ(
        logged(as(config::LogFormat::json, {"path", "status", "query", "trace_id"}),
               {request.record}),
        R"({"time":"2027-01-15T08:00:00.123Z","log":"access","path":"/orders/1","status":200,)"
        R"("query":"page=2&token=***","trace_id":"0af7651916cd43dd8448eb211c80319c"})"
        "\n");
    EXPECT_EQ(
        logged(as(config::LogFormat::dev, {"path", "status", "user_agent"}), {request.record}),
        "08:00:00.123 /orders/1 200 user_agent=curl/8\\x20\"x\"\\x20\\\n");
}

TEST(LogLine, SaysEveryFieldThatCanBeChosen)
{
    const Request request;
    std::vector<std::string> all;
    for (const auto& word : words(config::LogField{})) all.emplace_back(word.text);
    auto refused = request.record;
    refused.refusal = "token_invalid";
    refused.would_refuse = "token_missing";
    refused.reason = "bad_signature";
    refused.tls = "1.3";
    refused.tls_resumed = true;
    refused.certificate = "CN=ann";
    refused.cache = "hit";
    const auto line = logged(as(config::LogFormat::json, all), {refused});
    for (const auto& name : all) EXPECT_THAT(line, HasSubstr("\"" + name + "\":")) << name;
}

TEST(LogLine, SaysInEveryFormatHowAClientCame)
{
    using enum config::LogFormat;
    Request request;
    const std::vector<std::string> fields = {"tls", "tls_resumed", "certificate"};
    const auto plain = logged(as(json, fields), {request.record});
    EXPECT_THAT(plain, Not(HasSubstr("tls")));
    request.record.tls = "1.3";
    request.record.tls_resumed = true;
    request.record.certificate = "CN=a \"b\"";
    EXPECT_THAT(logged(as(json, fields), {request.record}),
                HasSubstr(R"(,"tls":"1.3","tls_resumed":true,"certificate":"CN=a \"b\"")"));
    EXPECT_THAT(logged(as(combined, fields), {request.record}),
                HasSubstr(R"( tls="1.3" tls_resumed="true" certificate="CN=a \"b\"")"));
    EXPECT_THAT(logged(as(dev, fields), {request.record}),
                HasSubstr(R"( tls=1.3 tls_resumed certificate=CN=a\x20"b")"));
    auto hidden = as(json, fields);
    hidden.redact.user_id = config::Redaction::mask;
    EXPECT_THAT(logged(hidden, {request.record}), Not(HasSubstr("CN=a")));
}

TEST(LogLine, StaysOneLineInEveryFormatWhateverIsSent)
{
    const auto hostile = "a\r\n\"forged\" - - [\x1b[31m\\\0\x7f\xff\xc3\xa9\xc2\x85"s;
    Request request;
    const auto target = "/x?" + hostile;
    request.head.target = target;
    request.head.fields = {
        {"Referer",    hostile},
        {"User-Agent", hostile}
    };
    auto& record = request.record;
    record.client = record.method = record.host = record.path = record.user_id = hostile;
    record.request_id = record.upstream = record.refusal = record.reason = hostile;
    std::vector<std::string> all;
    for (const auto& word : words(config::LogField{})) all.emplace_back(word.text);
    for (const auto& format : words(config::LogFormat{})) {
        const auto line = logged(as(format.value, all), {record});
        SCOPED_TRACE(line);
        EXPECT_EQ(line.find('\n'), line.size() - 1);
        for (const char c : {'\r', '\0', '\x1b', '\x7f'}) EXPECT_EQ(line.find(c), line.npos);
        EXPECT_EQ(line.find('\xff'), line.npos) << "no invalid UTF-8";
        EXPECT_THAT(line, Not(HasSubstr("\xc2\x85"))) << "no C1 control";
    }
}

TEST(LogLine, CutsLongValuesAndStaysValid)
{
    Request request;
    const std::string path = "/" + std::string(100'000, 'p');
    const std::string target = path + "?" + std::string(100'000, 'q');
    request.record.path = path;
    request.head.target = target;
    const auto line = logged(as(config::LogFormat::json, {"path", "query"}), {request.record});
    EXPECT_LT(line.size(), 3000U);
    EXPECT_TRUE(auth::json::read(line)) << line;
    EXPECT_THAT(line, HasSubstr("ppp...\""));
    EXPECT_THAT(line, HasSubstr("qqq...\""));
}

TEST(LogLine, ShowsNoCredentialThatAClientPutsWhereNoneBelongs)
{
    Request request;
    const std::string path = "/k/" + key;
    const std::string target = path + "?x=" + key;
    const std::string referer = "https://a.example/" + key + "?k=1";
    request.head.target = target;
    request.head.fields = {
        {"Referer",       referer},
        {"User-Agent",    key    },
        {"Authorization", key    },
        {"Cookie",        key    }
    };
    auto& record = request.record;
    record.method = record.host = record.path = record.reason = key;
    record.path = path;
    record.reason = {};
    std::vector<std::string> all;
    for (const auto& word : words(config::LogField{})) all.emplace_back(word.text);
    for (const auto& format : words(config::LogFormat{})) {
        for (const auto& fields : {all, std::vector<std::string>{}}) {
            EXPECT_THAT(logged(as(format.value, fields), {record}), Not(HasSubstr("Zs8s1q2w3e4r")));
        }
    }
}

TEST(LogLine, IsRedactedFieldByField)
{
    const Request request;
    auto settings = as(config::LogFormat::json);
    settings.redact.client = config::Redaction::mask;
    settings.redact.user_id = config::Redaction::drop;
    settings.redact.host = config::Redaction::hash;
    const auto line = logged(settings, {request.record});
    EXPECT_THAT(line, HasSubstr(R"("client":"192.0.2.0")"));
    EXPECT_THAT(line, Not(HasSubstr("user_id")));
    EXPECT_THAT(line, Not(HasSubstr("api.example")));
    EXPECT_THAT(line, HasSubstr(R"("path":"/orders/1")"));
}

TEST(LogSample, KeepsItsPartAndDecidesByTheIdAlone)
{
    for (const double ratio : {0.0, 0.01, 0.25, 0.9, 1.0}) {
        const LogSample sample(ratio, 1s);
        int kept = 0;
        constexpr int ids = 20'000;
        for (int i = 0; i < ids; ++i) {
            const auto id = "request-" + std::to_string(i);
            kept += sample.keeps(id) ? 1 : 0;
            EXPECT_EQ(sample.keeps(id), LogSample(ratio, 5s).keeps(id));
            EXPECT_TRUE(!sample.keeps(id) || LogSample(1, 1s).keeps(id));
        }
        EXPECT_NEAR(kept, ratio * ids, 400) << ratio;
    }
}

TEST(LogSample, LeavesOutSuccessesAlone)
{
    const Request request;
    auto settings = as(config::LogFormat::json);
    settings.sample = 0;
    const auto changed = [&](auto change) {
        auto record = request.record;
        change(record);
        return logged(settings, {record});
    };
    EXPECT_EQ(changed([](auto&) {}), "");
    EXPECT_EQ(changed([](auto& r) { r.took = 999'999us; }), "");
    EXPECT_NE(changed([](auto& r) { r.took = 1s; }), "");
    EXPECT_NE(changed([](auto& r) { r.status = 404; }), "");
    EXPECT_NE(changed([](auto& r) { r.status = 502; }), "");
    EXPECT_NE(changed([](auto& r) { r.status = 0; }), "");
    EXPECT_NE(changed([](auto& r) { r.refusal = "token_missing"; }), "");
    EXPECT_NE(changed([](auto& r) { r.reason = "cut off: the upstream is gone"; }), "");
    EXPECT_EQ(changed([](auto& r) { r.reason = "sent again after connect"; }), "");
    EXPECT_EQ(changed([](auto& r) { r.status = 304; }), "");
    settings.slow = 1ms;
    EXPECT_NE(changed([](auto&) {}), "") << "1.2 ms are slow here";
}

TEST(LogSample, IsSaidInTheLine)
{
    const Request request;
    auto settings = as(config::LogFormat::json);
    settings.sample = 0.999999999; // nearly all, and this one
    EXPECT_THAT(logged(settings, {request.record}),
                testing::EndsWith(",\"sample\":0.999999999}\n"));
    auto failed = request.record;
    failed.status = 500;
    EXPECT_THAT(logged(settings, {failed}), Not(HasSubstr("sample")));
    settings.format = config::LogFormat::dev;
    EXPECT_THAT(logged(settings, {request.record}), testing::EndsWith(" sample=0.999999999\n"));
}

TEST(EventLine, IsOneLineForMachinesAndForPeople)
{
    const std::array<Fact, 2> facts{
        {{"reason", "a \"b\"\n"}, {"empty", ""}}
    };
    Event event;
    event.at = auth::Millis{1'800'000'000'123ms};
    event.level = "warn";
    event.name = "failed";
    event.message = "it is\nso";
    event.facts = facts;
    EXPECT_EQ(event_line(event, false),
              R"({"time":"2027-01-15T08:00:00.123Z","log":"gateway","level":"warn",)"
              R"("event":"failed","message":"it is\nso","reason":"a \"b\"\n"})");
    EXPECT_EQ(event_line(event, true),
              "08:00:00.123 warn gateway failed: it is\\x0aso reason=a\\x20\"b\"\\x0a");
}

TEST(EventLog, SaysWhatItsLevelAllowsAndNoCredential)
{
    test::LogPipe pipe;
    {
        LogWriter writer{pipe.writer(), 0};
        EventLog log{writer, {}};
        log.say(config::LogLevel::debug, "one", "not said");
        log.set_level(config::LogLevel::debug);
        log.say(config::LogLevel::debug, "two", "said");
        log.set_level(config::LogLevel::error);
        log.say(config::LogLevel::warn, "three", "not said");
        log.say(config::LogLevel::error, "four", "at postgres://ann:hunter2@db",
                {
                    {"reason", key}
        });
    }
    pipe.close_writer();
    const auto lines = pipe.read_all();
    for (const std::string name : {"one", "three", "hunter2", "Zs8s1q2w3e4r"})
        EXPECT_THAT(lines, Not(HasSubstr(name)));
    EXPECT_THAT(lines, HasSubstr(R"("level":"debug","event":"two","message":"said")"));
    EXPECT_THAT(lines, HasSubstr("postgres://***@db"));
}

} // namespace
} // namespace gatehouse::gateway
