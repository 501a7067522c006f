#include "gateway/runtime/config_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using config::LogFormat;
using testing::ElementsAre;

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

TEST(ReloadLines, TellInOneLineWhatTookEffectAndWhatWaits)
{
    EXPECT_THAT(
        reload_lines(good(), LogFormat::json),
        ElementsAre(
            R"({"time":"2026-11-21T12:00:00.123Z","log":"config","event":"reloaded","why":"SIGHUP",)"
            R"("generation":7,"changed":["routes[0].timeout","drain.delay"],)"
            R"("needs_restart":["workers"]})"));
    EXPECT_THAT(reload_lines(good(), LogFormat::dev),
                ElementsAre("12:00:00.123 config reloaded by SIGHUP: generation 7, "
                            "routes[0].timeout, drain.delay; needs a restart: workers"));
}

TEST(ReloadLines, SayWhenNothingChanged)
{
    auto report = good();
    report.changed.clear();
    report.needs_restart.clear();
    EXPECT_THAT(reload_lines(report, LogFormat::dev),
                ElementsAre("12:00:00.123 config reload_unchanged by SIGHUP"));
}

TEST(ReloadLines, TellEachMistakeWithItsPlace)
{
    EXPECT_THAT(
        reload_lines(bad(), LogFormat::json),
        ElementsAre(
            R"({"time":"2026-11-21T12:00:00.123Z","log":"config","event":"reload_failed",)"
            R"("why":"SIGHUP","generation":7,"place":"/etc/g.yaml:3:15","key":"tokens.access_ttl",)"
            R"("message":"\"15 parsecs\" is not a duration","hint":"write a number and a unit"})",
            R"({"time":"2026-11-21T12:00:00.123Z","log":"config","event":"reload_failed",)"
            R"("why":"SIGHUP","generation":7,"place":"/etc/g.yaml","message":"cannot be read"})"));
    EXPECT_THAT(reload_lines(bad(), LogFormat::dev),
                ElementsAre("12:00:00.123 config reload_failed by SIGHUP: /etc/g.yaml:3:15: "
                            "tokens.access_ttl: \"15 parsecs\" is not a duration (hint: write a "
                            "number and a unit)",
                            "12:00:00.123 config reload_failed by SIGHUP: /etc/g.yaml: cannot be "
                            "read"));
}

TEST(ReloadLines, StayLinesWhateverAMistakeQuotes)
{
    auto report = bad();
    report.errors.resize(1);
    report.errors.front().message = "\"a\nb\" is no word";
    for (const auto format : {LogFormat::json, LogFormat::dev}) {
        const auto lines = reload_lines(report, format);
        ASSERT_EQ(lines.size(), 1U);
        EXPECT_EQ(lines.front().find('\n'), std::string::npos);
    }
}

} // namespace
} // namespace gatehouse::gateway
