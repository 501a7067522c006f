#include "auth/tokens/csrf_token.hpp"
#include "auth/tokens/key_keeper.hpp"
#include "auth/tokens/token_issuer.hpp"

#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

class StandingClock final : public Clock {
public:
    [[nodiscard]] Millis now() const noexcept override { return Millis{std::chrono::hours(1)}; }
};

class CsrfToken : public testing::Test {
protected:
    [[nodiscard]] bool proves(std::string_view session, std::string_view presented) const
    {
        return is_csrf_token_of(*keeper->ring(), session, presented, clock.seconds());
    }

    config::TokenSettings settings;
    StandingClock clock;
    std::unique_ptr<KeyKeeper> keeper = *KeyKeeper::open(settings, "", clock);
};

TEST_F(CsrfToken, ProvesItsOwnSession)
{
    const auto token = csrf_token_of(*keeper->ring(), "session-1");
    EXPECT_EQ(token.size(), 43U);
    EXPECT_EQ(token, csrf_token_of(*keeper->ring(), "session-1")) << "the same everywhere";
    EXPECT_TRUE(proves("session-1", token));
    EXPECT_FALSE(proves("session-2", token));
    EXPECT_FALSE(proves("session-1", ""));
    EXPECT_FALSE(proves("session-1", "session-1"));
    EXPECT_FALSE(proves("session-1", token.substr(0, 42)));
    EXPECT_FALSE(proves("session-1", token + "A"));
    auto changed = token;
    changed.front() = changed.front() == 'A' ? 'B' : 'A';
    EXPECT_FALSE(proves("session-1", changed));
}

TEST_F(CsrfToken, IsNoneOfAnotherGateway)
{
    const auto other = *KeyKeeper::open(settings, "", clock);
    EXPECT_FALSE(proves("session-1", csrf_token_of(*other->ring(), "session-1")));
}

} // namespace
} // namespace gatehouse::auth
