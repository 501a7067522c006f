// What a decision makes of the change feed: what it brought, and that it is silent.
#include "gateway/pipeline/identification.hpp"
#include "gateway/pipeline/lasting.hpp"
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

/// What becomes of an answer that has begun before.
TEST_F(DecisionAndFeed, LetsNoAnswerGoOnThatNobodyWouldStop)
{
    const auto good = token("ann");
    auth::FeedLease feed_lease;
    const auto ended = [&](auth::Seconds now = noon) {
        const DecisionRooms rooms{router, authenticator, stale, auth_settings, lease};
        return ended_meanwhile(rooms, last, now);
    };
    const auto begin = [&](std::string_view target) {
        lease = nullptr;
        stale = false;
        ASSERT_TRUE(ask("GET", target,
                        {
                            {"Authorization", good}
        })
                        .starts_with("ok"));
        if (last.principal == nullptr) return;
        principal = *last.principal;
        last.principal = &principal;
    };
    begin("/stale/x");
    EXPECT_EQ(ended(), Ended::no);
    EXPECT_EQ(ended(noon + 1h), Ended::with_its_token);
    stale = true;
    EXPECT_EQ(ended(), Ended::unheard);
    begin("/required/x");
    stale = true;
    EXPECT_EQ(ended(), Ended::no);
    lease = &feed_lease; // nothing was heard yet
    EXPECT_EQ(ended(), Ended::unheard);
    begin("/none/x");
    lease = &feed_lease;
    revocations.end_session(session, noon + 1h);
    EXPECT_EQ(ended(noon + 2h), Ended::no) << "no token was looked at";
}

TEST_F(DecisionAndFeed, LetsAnAnswerOutliveItsTokenWhereTheRouteSaysSo)
{
    const auto good = token("ann");
    const DecisionRooms rooms{router, authenticator, stale, auth_settings, lease};
    ASSERT_EQ(ask("GET", "/required/x",
                  {
                      {"Authorization", good}
    }),
              "ok ann");
    principal = *last.principal;
    last.principal = &principal;
    EXPECT_EQ(ended_meanwhile(rooms, last, noon + 1h), Ended::with_its_token);
    routes[0].on_expiry = config::OnExpiry::keep;
    EXPECT_EQ(ended_meanwhile(rooms, last, noon + 1h), Ended::no);
    revocations.end_session(session, noon + 2h);
    EXPECT_EQ(ended_meanwhile(rooms, last, noon + 1h), Ended::with_its_session);
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
