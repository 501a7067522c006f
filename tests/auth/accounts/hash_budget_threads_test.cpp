#include "auth/accounts/hash_budget.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace gatehouse::auth {
namespace {

using namespace std::chrono_literals;

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
