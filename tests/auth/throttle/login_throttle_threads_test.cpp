#include "auth/throttle/login_throttle.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace gatehouse::auth {
namespace {

using namespace std::chrono_literals;

constexpr Millis noon{1'800'000'000'000ms};

TEST(LoginThrottleThreads, ABurstOfParallelGuessesCannotExceedALimit) // R53
{
    for (int round = 0; round < 20; ++round) {
        LoginThrottle throttle{config::ThrottleSettings{}};
        std::atomic<int> admitted{0};
        {
            std::vector<std::jthread> threads;
            for (int i = 0; i < 8; ++i) {
                threads.emplace_back([&] {
                    for (int n = 0; n < 10; ++n) {
                        admitted += throttle.take_login("ann", "192.0.2.1", noon).has_value();
                    }
                });
            }
        }
        ASSERT_EQ(admitted, 5);
    }
}

TEST(LoginThrottleThreads, SlotsGivenBackByManyThreadsAreAllBack)
{
    config::ThrottleSettings settings;
    settings.pair_free = 0;
    settings.account_per_hour = 8;
    settings.address_per_10_minutes = 8;
    LoginThrottle throttle(settings);
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i) { // eight at a time at most: never refused
            threads.emplace_back([&] {
                for (int n = 0; n < 2'000; ++n) {
                    const auto slot = throttle.take_login("ann", "192.0.2.1", noon);
                    ASSERT_TRUE(slot.has_value());
                    throttle.succeeded(*slot);
                }
            });
        }
    }
    int left = 0;
    for (int i = 0; i < 20; ++i) left += throttle.take_login("ann", "192.0.2.1", noon).has_value();
    EXPECT_EQ(left, 8);
}

} // namespace
} // namespace gatehouse::auth
