#include "auth/tokens/key_keeper.hpp"
#include "auth/tokens/key_store.hpp"
#include "tests/auth/tokens/forge.hpp"
#include "tests/auth/tokens/shelf.hpp"

#include <gtest/gtest.h>

#include <latch>
#include <set>
#include <thread>

namespace gatehouse::auth {
namespace {

using namespace testing;

constexpr int replicas = 8;

/// All at once, each on a thread of its own.
template <class Work>
void together(const Work& work)
{
    std::latch start(replicas);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < replicas; ++i) {
        threads.emplace_back([&, i] {
            start.arrive_and_wait();
            work(i);
        });
    }
    for (auto& thread : threads) thread.join();
}

TEST(KeyStoreThreads, ReplicasThatStartAndRotateTogetherAgree)
{
    Shelf shelf;
    StoppedClock clock;
    config::TokenSettings settings;
    settings.rotate_every = 24h;
    std::vector<std::unique_ptr<KeyKeeper>> keepers(replicas);
    const auto published = [&] {
        std::set<std::string> all;
        for (const auto& keeper : keepers) all.insert(keeper->ring()->jwks(clock.seconds()));
        return all.size();
    };
    together([&](std::size_t i) {
        auto seal = KeySeal::make(Secret(std::string(32, 's')), {});
        auto keeper = KeyKeeper::open(
            settings, std::make_unique<KeyStore>(shelf, *std::move(seal), clock), clock);
        if (keeper) keepers[i] = *std::move(keeper);
    });
    for (const auto& keeper : keepers) ASSERT_TRUE(keeper);
    EXPECT_EQ(published(), 1U);
    EXPECT_EQ(shelf.row->version, 1U) << "made once";

    clock.time += 24h;
    together([&](std::size_t i) { EXPECT_TRUE(keepers[i]->tend()); });
    EXPECT_EQ(shelf.row->version, 2U) << "rotated once";
    for (const auto& keeper : keepers) EXPECT_TRUE(keeper->tend());
    EXPECT_EQ(published(), 1U);
}

} // namespace
} // namespace gatehouse::auth
