#include "auth/revocation/revocation_table.hpp"
#include "auth/tokens/authenticator.hpp"
#include "auth/tokens/key_keeper.hpp"
#include "auth/tokens/token_issuer.hpp"
#include "tests/auth/tokens/forge.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace gatehouse::auth {
namespace {

using namespace testing;

/// Issues and verifies under whatever ring is current, as a worker does, `times` over.
void work(const KeyKeeper& keeper, const RevocationTable& revocations,
          const config::TokenSettings& settings, int times, std::atomic<int>& refused)
{
    const TokenIssuer issuer(settings);
    const TokenVerifier verifier(settings);
    const auto first_ring = keeper.ring();
    const auto early = issuer.access(*first_ring, access_claims());
    Authenticator authenticator(settings, revocations, first_ring, 64);
    for (int i = 0; i < times; ++i) {
        const auto ring = keeper.ring();
        authenticator.use(ring);
        const auto token = issuer.access(*ring, access_claims());
        const auto refresh = issuer.refresh(*ring, refresh_claims());
        refused += !authenticator.identify(token, noon);
        refused += !authenticator.identify(early, noon);
        refused += !verifier.refresh(*keeper.ring(), refresh, noon);
    }
}

// DESIGN 3: no valid token is refused while keys go next -> active -> retired
TEST(KeyKeeperThreads, TokensStayValidWhileKeysRotate)
{
    const config::TokenSettings settings;
    const StoppedClock clock;
    const RevocationTable revocations;
    const auto keeper = KeyKeeper::open(settings, "", clock);
    ASSERT_TRUE(keeper);
    std::atomic<int> refused{0};
    std::atomic<int> working{4};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            work(**keeper, revocations, settings, 50, refused);
            --working;
        });
    }
    int rotations = 0;
    while (working > 0 && rotations < 200) {
        ASSERT_TRUE((*keeper)->rotate());
        ++rotations;
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(refused, 0);
    EXPECT_GT(rotations, 0);
}

} // namespace
} // namespace gatehouse::auth
