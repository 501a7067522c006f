#include "tests/auth/store/together.hpp"
#include "tests/auth/throttle/counted.hpp"

#include <atomic>

/// In the store half of the callers are another gateway.
namespace gatehouse::auth::contract {
namespace {

constexpr int callers = 8;

class ThrottleUnderThreads : public Counted {
protected:
    void open_all(const config::ThrottleSettings& settings)
    {
        gateways_.clear();
        gateways_.push_back(open(settings));
        if (GetParam() != std::string("memory")) gateways_.push_back(open(settings));
    }

    [[nodiscard]] LoginThrottle& throttle_of(int caller) const
    {
        return *gateways_.at(static_cast<std::size_t>(caller) % gateways_.size());
    }

    /// One caller changes, now and then, what says nothing of accounts.
    void change_now_and_then(int caller, int round, config::ThrottleSettings settings) const
    {
        if (caller != 0) return;
        settings.registrations_per_minute = static_cast<std::uint32_t>(round + 1);
        for (const auto& gateway : gateways_) gateway->use(settings);
    }

private:
    std::vector<std::unique_ptr<LoginThrottle>> gateways_;
};

INSTANTIATE_TEST_SUITE_P(Places, ThrottleUnderThreads, every_place, name_of);

TEST_P(ThrottleUnderThreads, ABurstOfParallelGuessesCannotExceedALimit) // R53
{
    open_all({});
    for (int round = 0; round < 10; ++round) {
        std::atomic<int> taken = 0;
        const auto account = "ann" + std::to_string(round);
        together(callers, [&](int i) { taken += admitted(throttle_of(i), account, home, 10); });
        ASSERT_EQ(taken, 5);
    }
}

TEST_P(ThrottleUnderThreads, NorMayAChangeOfTheLimitsLetOneMoreIn)
{
    auto settings = only_account();
    settings.account_per_hour = 40;
    open_all(settings);
    std::atomic<int> taken = 0;
    together(callers, [&](int i) {
        for (int n = 0; n < 20; ++n) {
            change_now_and_then(i, n, settings);
            taken += admitted(throttle_of(i), "ann", home, 1);
        }
    });
    EXPECT_EQ(taken, 40);
}

TEST_P(ThrottleUnderThreads, NorOneOfManyAccountsThatOfTheirAddress) // R53
{
    auto settings = only_address();
    settings.address_per_10_minutes = 40;
    open_all(settings);
    std::atomic<int> taken = 0;
    together(callers, [&](int i) {
        for (int n = 0; n < 10; ++n) {
            taken += admitted(throttle_of(i), std::to_string(i) + "." + std::to_string(n), home, 1);
        }
    });
    EXPECT_EQ(taken, 40);
}

TEST_P(ThrottleUnderThreads, SlotsGivenBackByManyThreadsAreAllBack)
{
    config::ThrottleSettings settings;
    settings.pair_free = 0;
    settings.account_per_hour = callers;
    settings.address_per_10_minutes = callers;
    open_all(settings);
    const int rounds = GetParam() == std::string("memory") ? 2'000 : 30;
    together(callers, [&](int i) { // as many at a time as may be: never refused
        for (int n = 0; n < rounds; ++n) {
            const auto slot = throttle_of(i).take_login("ann", home);
            ASSERT_TRUE(slot.has_value());
            throttle_of(i + 1).succeeded(*slot);
        }
    });
    EXPECT_EQ(admitted(throttle_of(0), "ann", home, 20), callers);
}

TEST_P(ThrottleUnderThreads, RegistrationsOfABurstAreCountedOneByOne)
{
    config::ThrottleSettings settings;
    settings.registration_burst = 20;
    open_all(settings);
    std::atomic<int> taken = 0;
    together(callers, [&](int i) {
        for (int n = 0; n < 10; ++n) taken += throttle_of(i).take_registration(home).has_value();
    });
    EXPECT_EQ(taken, 20);
}

} // namespace
} // namespace gatehouse::auth::contract
