#include "gateway/runtime/service_status.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

config::Settings listening_on(std::vector<std::string> addresses)
{
    config::Settings settings;
    settings.listen.clear();
    for (auto& address : addresses) {
        settings.listen.emplace_back();
        settings.listen.back().address = std::move(address);
    }
    return settings;
}

TEST(ServiceStatus, NamesAnAddressAndTheConfiguration)
{
    EXPECT_EQ(serving_status(listening_on({"0.0.0.0:80"}), 1), "serving on 0.0.0.0:80; "
                                                               "configuration 1");
    EXPECT_EQ(serving_status(listening_on({"a:1", "b:2", "c:3"}), 7),
              "serving on a:1 and 2 more; configuration 7");
}

TEST(ServiceStatus, SaysWhatAReloadHasLeftAsItWas)
{
    const auto running = listening_on({"a:1"});
    ReloadReport report;
    report.generation = 4;
    EXPECT_EQ(reload_status(running, report), "serving on a:1; configuration 4");
    report.needs_restart = {"workers", "store"};
    EXPECT_EQ(reload_status(running, report),
              "serving on a:1; configuration 4; needs a restart for workers, store");

    report.ok = false;
    config::Diagnostic mistake;
    mistake.source = "/etc/gatehouse/gatehouse.yaml";
    mistake.place = {3, 15};
    mistake.key = "tokens.access_ttl";
    mistake.message = "\"15 parsecs\" is not a duration";
    report.errors = {mistake};
    EXPECT_EQ(reload_status(running, report),
              "serving on a:1; configuration 4; the last reload failed: gatehouse.yaml:3:15: "
              "tokens.access_ttl: \"15 parsecs\" is not a duration");
    report.errors.front().place = {};
    report.errors.push_back(mistake);
    EXPECT_EQ(reload_status(running, report),
              "serving on a:1; configuration 4; the last reload failed: gatehouse.yaml: "
              "tokens.access_ttl: \"15 parsecs\" is not a duration (and 1 more)");
}

TEST(ServiceStatus, ShowsNoCredential)
{
    ReloadReport report;
    report.ok = false;
    config::Diagnostic mistake;
    mistake.key = "store";
    mistake.message = "\"postgres://ada:hunter2@db/x\" is not right";
    report.errors = {mistake};
    EXPECT_EQ(reload_status(listening_on({"a:1"}), report).find("hunter2"), std::string::npos);
}

} // namespace
} // namespace gatehouse::gateway
