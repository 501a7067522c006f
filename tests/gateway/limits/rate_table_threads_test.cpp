#include "gateway/limits/rate_table.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

// What workers count together is exact, also of keys that all of them meet for the first time.
TEST(RateTableThreads, AdmitNoMoreThanOneAfterTheOtherWould)
{
    constexpr std::uint64_t keys = 2000;
    const auto terms = RateTerms::of({"user", 5, 1h});
    RateTable table(1024);
    std::atomic<int> passed{0};
    std::vector<std::thread> workers;
    for (int worker = 0; worker < 4; ++worker) {
        workers.emplace_back([&] {
            int mine = 0;
            for (int round = 0; round < 4; ++round) {
                for (std::uint64_t key = 1; key <= keys; ++key) {
                    mine += table.take(key * 0x9e3779b97f4a7c15, terms, 12h).passes ? 1 : 0;
                }
            }
            passed += mine;
        });
    }
    for (auto& worker : workers) worker.join();
    EXPECT_EQ(passed, 5 * static_cast<int>(keys));
    EXPECT_EQ(table.displaced(), 0U);
}

// Pushing out, counting and telling at once: nothing but the sums can be held here, and TSan.
TEST(RateTableThreads, MayPushOutWhileOthersCount)
{
    const auto terms = RateTerms::of({"user", 5, 1h});
    RateTable table(2, RateTable::Kind::shared);
    std::atomic<bool> done{false};
    std::thread teller([&] {
        while (!done) {
            for (const auto& spent : table.collect(64, terms, 12h))
                table.heard(spent.key, terms, 12h + 1min);
        }
    });
    std::vector<std::thread> workers;
    for (std::uint64_t worker = 0; worker < 3; ++worker) {
        workers.emplace_back([&, worker] {
            for (std::uint64_t i = 0; i < 20'000; ++i) {
                (void)table.take((i * 7 + worker) % 64, terms, 12h);
            }
        });
    }
    for (auto& worker : workers) worker.join();
    done = true;
    teller.join();
    EXPECT_GT(table.displaced(), 0U);
}

} // namespace
} // namespace gatehouse::gateway
