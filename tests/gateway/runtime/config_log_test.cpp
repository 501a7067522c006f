#include "gateway/runtime/config_log.hpp"
#include "tests/gateway/support/log_pipe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using config::LogFormat;
using config::LogLevel;
using testing::HasSubstr;
using testing::Not;

const auth::Millis noon{std::chrono::milliseconds{1'795'262'400'123}}; // 2026-11-21T12:00:00.123Z

ReloadReport good()
{
    ReloadReport report;
    report.why = "SIGHUP";
    report.generation = 7;
    report.at = noon;
    report.changed = {"routes[0].timeout", "drain.delay"};
    report.needs_restart = {"workers"};
    return report;
}

ReloadReport bad()
{
    auto report = good();
    report.ok = false;
    report.changed.clear();
    report.errors.push_back({
        config::Severity::error,
        "/etc/g.yaml",
        {3, 15},
        "tokens.access_ttl",
        "\"15 parsecs\" is not a duration",
        "    excerpt\n",
        "write a number and a unit"
    });
    report.errors.push_back(
        {config::Severity::error, "/etc/g.yaml", {}, "", "cannot be read", "", ""});
    return report;
}

std::string told(const ReloadReport& report, LogFormat format = LogFormat::json,
                 LogLevel level = LogLevel::info)
{
    config::LogSettings settings;
    settings.format = format;
    settings.level = level;
    test::LogPipe pipe;
    {
        LogWriter writer{pipe.writer(), 1};
        EventLog events{writer, settings};
        tell_reload(events, report);
    }
    pipe.close_writer();
    return pipe.read_all();
}

TEST(TellReload, SaysInOneLineWhatTookEffectAndWhatWaits)
{
    EXPECT_EQ(
        told(good()),
        R"({"time":"2026-11-21T12:00:00.123Z","log":"config","level":"warn","event":"reloaded",)"
        R"("why":"SIGHUP","generation":7,"changed":["routes[0].timeout","drain.delay"],)"
        R"("needs_restart":["workers"]})"
        "\n");
    EXPECT_EQ(told(good(), LogFormat::dev),
              "12:00:00.123 warn config reloaded why=SIGHUP generation=7 "
              "changed=routes[0].timeout,drain.delay needs_restart=workers\n");
}

TEST(TellReload, SaysWhenNothingChanged)
{
    auto report = good();
    report.changed.clear();
    report.needs_restart.clear();
    EXPECT_EQ(told(report, LogFormat::dev),
              "12:00:00.123 info config reload_unchanged why=SIGHUP generation=7\n");
}

TEST(TellReload, SaysEachMistakeWithItsPlace)
{
    EXPECT_EQ(
        told(bad()),
        R"({"time":"2026-11-21T12:00:00.123Z","log":"config","level":"error",)"
        R"("event":"reload_failed","message":"\"15 parsecs\" is not a duration","why":"SIGHUP",)"
        R"("generation":7,"place":"/etc/g.yaml:3:15","key":"tokens.access_ttl",)"
        R"("hint":"write a number and a unit"})"
        "\n"
        R"({"time":"2026-11-21T12:00:00.123Z","log":"config","level":"error",)"
        R"("event":"reload_failed","message":"cannot be read","why":"SIGHUP","generation":7,)"
        R"("place":"/etc/g.yaml"})"
        "\n");
    EXPECT_THAT(told(bad(), LogFormat::dev),
                HasSubstr("error config reload_failed: \"15 parsecs\" is not a duration why=SIGHUP "
                          "generation=7 place=/etc/g.yaml:3:15 key=tokens.access_ttl"));
}

TEST(TellReload, SaysByTheLevelOfTheLogWhatIsAsked)
{
    auto plain = good();
    plain.needs_restart.clear();
    EXPECT_EQ(told(plain, LogFormat::json, LogLevel::warn), "");
    EXPECT_THAT(told(good(), LogFormat::json, LogLevel::warn), HasSubstr("reloaded"));
    EXPECT_EQ(told(good(), LogFormat::json, LogLevel::error), "");
    EXPECT_THAT(told(bad(), LogFormat::json, LogLevel::error), HasSubstr("reload_failed"));
}

TEST(TellReload, HidesCredentialsThatAMistakeQuotes)
{
    auto report = bad();
    report.errors.front().message = "\"postgres://ann:hunter22@db/g\" is not a store";
    EXPECT_THAT(told(report), Not(HasSubstr("hunter22")));
}

TEST(TellReload, StaysOneLineWhateverAMistakeQuotes)
{
    auto report = bad();
    report.errors.resize(1);
    report.errors.front().message = "\"a\nb\" is no word";
    for (const auto format : {LogFormat::json, LogFormat::dev}) {
        const auto line = told(report, format);
        EXPECT_EQ(line.find('\n'), line.size() - 1) << line;
    }
}

} // namespace
} // namespace gatehouse::gateway
