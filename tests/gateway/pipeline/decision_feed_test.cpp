// What a decision makes of the change feed: what it brought, and that it is silent.
#include "tests/gateway/pipeline/decision_fixture.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

using DecisionAndFeed = test::DecisionFixture;

TEST_F(DecisionAndFeed, HearsOfSignOutAndRoles) // R46
{
    const auto good = token("ann", {"admin"});
    const std::vector<Field> fields = {
        {"Authorization", good}
    };
    EXPECT_EQ(ask("GET", "/admin/x", fields), "ok ann");
    revocations.set_roles("ann", {"staff"}, noon + 1h);
    EXPECT_EQ(ask("GET", "/admin/x", fields), "forbidden");
    revocations.end_session(session, noon + 1h);
    EXPECT_EQ(ask("GET", "/required/x", fields), "token_revoked");
    EXPECT_EQ(ask("GET", "/optional/x", fields), "token_revoked");
    EXPECT_EQ(ask("GET", "/none/x", fields), "ok");
}

TEST_F(DecisionAndFeed, RefusesOnAStaleFeedWhereTheRouteSaysSo)
{
    const auto good = token("ann");
    const std::vector<Field> fields = {
        {"Authorization", good}
    };
    EXPECT_EQ(ask("GET", "/stale/x", fields), "ok ann");
    stale = true;
    EXPECT_EQ(ask("GET", "/stale/x", fields), "store_unavailable");
    EXPECT_EQ(ask("GET", "/maybe-stale", fields), "store_unavailable");
    EXPECT_EQ(ask("GET", "/maybe-stale"), "ok");
    EXPECT_EQ(ask("GET", "/stale/x"), "token_missing");
    EXPECT_EQ(ask("GET", "/required/x", fields), "ok ann");
    EXPECT_EQ(ask("GET", "/none/x", fields), "ok");
}

TEST_F(DecisionAndFeed, BelievesNoTokenWithoutTheLease)
{
    const auto good = token("ann");
    const std::vector<Field> fields = {
        {"Authorization", good}
    };
    auth::FeedLease feed_lease; // nothing was heard yet
    lease = &feed_lease;
    const DecisionRooms rooms{router, authenticator, stale, auth_settings, lease};
    for (const auto* target : {"/required/x", "/optional/x", "/stale/x", "/nowhere"}) {
        SCOPED_TRACE(target);
        EXPECT_EQ(ask("GET", target, fields), "store_unavailable");
    }
    const auto bearer = identify_bearer(rooms, {"GET", "", fields}, noon);
    ASSERT_FALSE(bearer);
    EXPECT_EQ(bearer.error().code, RefusalCode::store_unavailable);
    // What needs no token needs no lease, and a bad token is a bad token.
    EXPECT_EQ(ask("GET", "/none/x", fields), "ok");
    EXPECT_EQ(ask("GET", "/optional/x"), "ok");
    EXPECT_EQ(ask("GET", "/required/x"), "token_missing");

    const auto now = auth::FeedLease::Steady::now();
    feed_lease.extend(now, 1h);
    EXPECT_EQ(ask("GET", "/required/x", fields), "ok ann");
    EXPECT_TRUE(identify_bearer(rooms, {"GET", "", fields}, noon));
    feed_lease.extend(now - 2h, 1h);
    EXPECT_EQ(ask("GET", "/required/x", fields), "store_unavailable");
}

} // namespace
} // namespace gatehouse::gateway
