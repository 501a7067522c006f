#include "gateway/admin/admin_endpoint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;

class Admin : public testing::Test {
protected:
    LocalResponse ask(std::string_view path, std::string_view method = "GET",
                      std::string_view accept = {})
    {
        const AdminEndpoint admin{[this] {
            MetricsView view;
            view.process = process;
            view.workers = {&counters};
            return view;
        }};
        return admin.respond(method, path, accept);
    }

    ProcessFacts process;
    Counters counters;
};

TEST_F(Admin, LivesWhetherReadyOrNot)
{
    EXPECT_EQ(ask("/healthz").status, 200U);
    EXPECT_EQ(ask("/healthz", "HEAD").status, 200U);
}

TEST_F(Admin, IsReadyAlsoWithoutItsStore)
{
    EXPECT_EQ(ask("/readyz").status, 503U); // starting or draining
    process.ready = true;
    EXPECT_EQ(ask("/readyz").status, 200U);
    EXPECT_THAT(ask("/readyz").body, Not(HasSubstr("degraded")));
    process.store_up = false;
    EXPECT_EQ(ask("/readyz").status, 200U);
    EXPECT_THAT(ask("/readyz").body, HasSubstr("degraded"));
    process.ready = false;
    EXPECT_EQ(ask("/readyz").status, 503U);
}

TEST_F(Admin, IsReadyAlsoWhereItsStoreTakesNoWritesAndSaysSo)
{
    auth::StoreMeter store;
    process.ready = true;
    process.stores = {
        {"store", &store, false}
    };
    EXPECT_EQ(ask("/readyz").body, "ready\n");
    auth::StoreMeter::Call{&store, auth::StoreMeter::Kind::write}.failed();
    EXPECT_EQ(ask("/readyz").status, 200U);
    EXPECT_EQ(ask("/readyz").body, "ready, degraded: the store takes no writes\n");
    process.store_up = false;
    EXPECT_EQ(ask("/readyz").body, "ready, degraded: the store is down\n");
}

TEST_F(Admin, IsReadyAlsoWithABadFileOnDiskAndSaysSo)
{
    process.ready = true;
    EXPECT_EQ(ask("/readyz").body, "ready\n");
    process.config.last_reload_ok = false;
    EXPECT_EQ(ask("/readyz").status, 200U);
    EXPECT_EQ(ask("/readyz").body,
              "ready, but the configuration on disk is bad: an older one is in force\n");
    process.store_up = false;
    EXPECT_EQ(ask("/readyz").body, "ready, degraded: the store is down, but the configuration on "
                                   "disk is bad: an older one is in force\n");
}

TEST_F(Admin, ShowsTheMetricsAsPrometheusWantsThem)
{
    counters.methods[method_number("POST")].add(3);
    const auto answer = ask("/metrics");
    EXPECT_EQ(answer.status, 200U);
    EXPECT_THAT(answer.fields,
                testing::Contains(testing::Pair("Content-Type", HasSubstr("version=0.0.4"))));
    EXPECT_THAT(answer.body, HasSubstr("gatehouse_requests_by_method_total{method=\"POST\"} 3\n"));
    EXPECT_THAT(answer.body, HasSubstr("\nprocess_open_fds "));
    EXPECT_THAT(answer.body, Not(HasSubstr("# EOF")));
    const auto newer = ask("/metrics", "GET", "application/openmetrics-text;version=1.0.0");
    EXPECT_THAT(newer.fields,
                testing::Contains(testing::Pair("Content-Type", HasSubstr("version=1.0.0"))));
    EXPECT_TRUE(newer.body.ends_with("\n# EOF\n"));
}

TEST_F(Admin, RefusesEverythingElse)
{
    for (const auto* path : {"/", "/metrics/", "/Healthz", "/auth/login", ""}) {
        ASSERT_TRUE(ask(path).refusal) << path;
        EXPECT_EQ(ask(path).refusal->code, RefusalCode::not_found);
    }
    const auto posted = ask("/metrics", "POST");
    ASSERT_TRUE(posted.refusal);
    EXPECT_EQ(posted.refusal->code, RefusalCode::method_not_allowed);
    EXPECT_EQ(posted.refusal->allow, "GET, HEAD");
}

} // namespace
} // namespace gatehouse::gateway
