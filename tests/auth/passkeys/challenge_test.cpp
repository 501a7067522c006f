#include "auth/passkeys/challenge.hpp"
#include "auth/tokens/key_keeper.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace gatehouse::auth::passkeys {
namespace {

using namespace std::chrono_literals;

class StandingClock final : public Clock {
public:
    [[nodiscard]] Millis now() const noexcept override { return Millis{std::chrono::hours(1)}; }
};

class Challenge : public testing::Test {
protected:
    [[nodiscard]] std::string made(Ceremony ceremony = Ceremony::registration,
                                   std::string_view user = "u1") const
    {
        return new_challenge(*keeper->ring(), ceremony, user, until);
    }

    [[nodiscard]] bool is_good(std::string_view challenge,
                               Ceremony ceremony = Ceremony::registration,
                               std::string_view user = "u1") const
    {
        return read_challenge(*keeper->ring(), ceremony, user, challenge, now) == until;
    }

    config::TokenSettings settings;
    StandingClock clock;
    std::unique_ptr<KeyKeeper> keeper = *KeyKeeper::open(settings, "", clock);
    Seconds now = clock.seconds();
    Seconds until = now + 300s;
};

TEST_F(Challenge, IsGoodForWhatItWasMade)
{
    EXPECT_TRUE(is_good(made()));
    EXPECT_FALSE(is_good(made(), Ceremony::assertion)) << "the other ceremony";
    EXPECT_FALSE(is_good(made(), Ceremony::registration, "u2")) << "another user";
    EXPECT_FALSE(is_good(made(), Ceremony::registration, "")) << "nobody";
    EXPECT_TRUE(is_good(made(Ceremony::assertion, ""), Ceremony::assertion, ""));
}

TEST_F(Challenge, IsGoodUntilItsEnd)
{
    const auto challenge = made();
    now = until - 1s;
    EXPECT_TRUE(is_good(challenge));
    now = until;
    EXPECT_FALSE(is_good(challenge));
}

TEST_F(Challenge, IsNoneWhenAnyBitOfItIsAnother)
{
    const auto challenge = made();
    for (std::size_t i = 0; i < challenge.size(); ++i) {
        auto changed = challenge;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_FALSE(is_good(changed)) << i;
    }
    EXPECT_FALSE(is_good(challenge.substr(1)));
    EXPECT_FALSE(is_good(challenge + '\0'));
    EXPECT_FALSE(is_good(""));
}

TEST_F(Challenge, IsNoneOfAnotherGateway)
{
    const auto other = *KeyKeeper::open(settings, "", clock);
    EXPECT_FALSE(is_good(new_challenge(*other->ring(), Ceremony::registration, "u1", until)));
}

TEST_F(Challenge, IsNeverTheSameTwice)
{
    const auto one = made();
    const auto another = made();
    EXPECT_NE(one, another);
    EXPECT_NE(digest_of_challenge(one), digest_of_challenge(another));
    EXPECT_EQ(digest_of_challenge(one), digest_of_challenge(one));
}

} // namespace
} // namespace gatehouse::auth::passkeys
