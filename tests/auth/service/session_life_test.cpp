#include "auth_fixture.hpp"

namespace gatehouse::auth {
namespace {

config::Settings idle(std::chrono::seconds idle_ttl)
{
    auto settings = quick_settings();
    settings.sessions.idle_ttl = idle_ttl;
    return settings;
}

TEST(SessionLife, EndsWhenNobodyRefreshesForTooLong) // R45
{
    House house(idle(2h));
    auto grant = house.joined("ann");
    EXPECT_EQ(grant.refresh_life, 2h);
    for (int i = 0; i < 5; ++i) {
        house.clock.advance(2h - 1s);
        const auto next = house.refresh(grant.refresh_token);
        ASSERT_EQ(outcome(next), "ok") << "each refresh begins it anew";
        grant = *next;
    }
    house.clock.advance(2h);
    const auto late = house.refresh(grant.refresh_token);
    EXPECT_EQ(outcome(late), "refresh_token_expired");
    EXPECT_TRUE(late.error().session_over);
}

TEST(SessionLife, AnIdleLifeHoldsForOlderSessionsToo) // R45
{
    House house;
    const auto idle_one = house.joined("ann");
    const auto refreshed = house.logged_in("ann");
    house.clock.advance(3h);
    const auto current = house.refresh(refreshed.refresh_token);
    ASSERT_EQ(outcome(current), "ok");
    const auto stricter = idle(2h);
    AuthService after({house.store, *house.keys, house.revocations, house.hasher, house.throttle,
                       house.clock, house.log},
                      stricter);
    EXPECT_EQ(outcome(after.refresh(house.claims(idle_one), somebody)), "refresh_token_expired");
    const auto listed = after.list_sessions(house.principal(*current));
    ASSERT_TRUE(listed);
    ASSERT_EQ(listed->size(), 1U) << "what is over is not shown as if it lived";
    EXPECT_EQ(listed->front().id, current->session_id);
    AdminService operators({house.store, house.hasher, house.clock, house.log}, stricter);
    EXPECT_EQ(operators.list_sessions("ann")->size(), 1U);
    EXPECT_EQ(outcome(after.refresh(house.claims(*current), somebody)), "ok");
}

TEST(SessionLife, AnIdleSessionTakesNoRoom)
{
    auto settings = idle(2h);
    settings.sessions.max_per_user = 1;
    settings.sessions.when_full = config::WhenFull::refuse;
    House house(settings);
    house.joined("ann");
    EXPECT_EQ(outcome(house.login("ann")), "too_many_sessions");
    house.clock.advance(2h);
    EXPECT_EQ(outcome(house.login("ann")), "ok");
}

} // namespace
} // namespace gatehouse::auth
