#include "auth/accounts/hash_budget.hpp"
#include "auth/accounts/password_hasher.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace gatehouse::auth {
namespace {

using namespace std::chrono_literals;

TEST(HashBudgetThreads, WhoWaitsIsWokenWhenThereIsMoreForAll)
{
    HashBudget budget(100, 64, 1h);
    const auto inside = budget.enter();
    const auto all = budget.borrow(100, *inside);
    std::thread waiting([&] {
        const auto place = budget.enter();
        EXPECT_TRUE(budget.borrow(100, *place));
    });
    budget.use(200, 64, 1h);
    waiting.join();
}

TEST(PasswordHasherThreads, TakesOtherSettingsWhileItHashes)
{
    config::PasswordSettings quick;
    quick.argon2_memory_bytes = 64 * 1024;
    quick.argon2_passes = 1;
    auto other = quick;
    other.argon2_passes = 2;
    PasswordHasher hasher(quick);
    std::atomic<bool> over{false};
    std::thread changing([&] {
        for (int i = 0; !over; ++i) hasher.use(i % 2 == 0 ? other : quick);
    });
    for (int i = 0; i < 50; ++i) {
        const auto place = hasher.enter();
        ASSERT_TRUE(place);
        const auto hash = hasher.hash("correct horse", *place);
        ASSERT_TRUE(hash.has_value());
        EXPECT_TRUE(*hasher.verify(*hash, "correct horse", *place));
        EXPECT_TRUE(hasher.verify_nobody("correct horse", *place).has_value());
    }
    over = true;
    changing.join();
}

TEST(HashBudgetThreads, WhoWaitsIsWokenAndTheLimitHolds)
{
    HashBudget budget(300, 64, 1h);
    std::atomic<int> in_flight{0};
    std::atomic<int> most{0};
    std::atomic<int> done{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&] {
                for (int n = 0; n < 500; ++n) {
                    const auto place = budget.enter();
                    ASSERT_TRUE(place);
                    const auto loan = budget.borrow(100, *place);
                    ASSERT_TRUE(loan);
                    const int now = ++in_flight;
                    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
                    }
                    --in_flight;
                    ++done;
                }
            });
        }
    }
    EXPECT_EQ(done, 4'000);
    EXPECT_LE(most, 3);
}

} // namespace
} // namespace gatehouse::auth
