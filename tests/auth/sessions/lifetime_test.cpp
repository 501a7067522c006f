#include "auth/sessions/lifetime.hpp"

#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

using namespace std::chrono_literals;

constexpr Seconds noon{1'800'000'000s};

SessionTerms terms(std::chrono::seconds refresh, std::chrono::seconds idle,
                   std::chrono::seconds absolute)
{
    config::TokenSettings tokens;
    config::SessionSettings sessions;
    tokens.refresh_ttl = refresh;
    sessions.idle_ttl = idle;
    sessions.absolute_ttl = absolute;
    return {tokens, sessions};
}

TEST(SessionTerms, TheEarliestEndWins)
{
    const struct {
        const char* name;
        std::chrono::seconds refresh;
        std::chrono::seconds idle;
        std::chrono::seconds absolute;
        std::chrono::seconds age; // of the login, at noon
        std::chrono::seconds left;
    } cases[] = {
        {"the refresh token's life",        1h, 0s, 9h, 0s,      1h},
        {"no idle life is none at all",     5h, 0s, 9h, 1h,      5h},
        {"the idle life",                   5h, 1h, 9h, 1h,      1h},
        {"an idle life that never is over", 1h, 2h, 9h, 0s,      1h},
        {"what is left of the absolute",    5h, 2h, 9h, 8h,      1h},
        {"the last second of the absolute", 5h, 2h, 9h, 9h - 1s, 1s},
        {"nothing is left",                 5h, 2h, 9h, 9h,      0s},
        {"all alike",                       1h, 1h, 1h, 0s,      1h},
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(terms(c.refresh, c.idle, c.absolute).next_expiry(noon - c.age, noon),
                  noon + c.left);
    }
}

TEST(SessionTerms, HoldAlsoForSessionsThatBeganBeforeThem)
{
    Session session;
    session.login_at = noon - 3h;
    session.issued_at = noon - 1h;
    session.expires_at = noon + 5h;
    EXPECT_EQ(terms(9h, 0s, 99h).end_of(session), noon + 5h) << "as was said to the client";
    EXPECT_EQ(terms(1s, 0s, 99h).end_of(session), noon + 5h) << "its token says so";
    EXPECT_EQ(terms(9h, 2h, 99h).end_of(session), noon + 1h);
    EXPECT_EQ(terms(9h, 0s, 4h).end_of(session), noon + 1h);
    EXPECT_EQ(terms(9h, 1h, 3h).end_of(session), noon);
    EXPECT_TRUE(terms(9h, 1h, 99h).is_over(session, noon)) << "on its last instant";
    EXPECT_FALSE(terms(9h, 1h, 99h).is_over(session, noon - 1s));
}

} // namespace
} // namespace gatehouse::auth
