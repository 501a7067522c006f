#include "auth/store/memory/memory_store.hpp"
#include "auth/throttle/open_throttle.hpp"
#include "tests/auth/throttle/counted.hpp"

namespace gatehouse::auth {
namespace {

using contract::StatesInMemory;

const std::string home = "192.0.2.1";

/// A store in memory of which it is said that others serve on it too.
class SharedStore final : public MemoryStore {
public:
    explicit SharedStore(const Clock& clock) : states(clock) {}

    SharedStates* shared_states() noexcept override { return &states; }

    Result<std::optional<Kept>, StoreError> read_keys(std::string_view name) override
    {
        if (states.down) return StoreError::unavailable;
        return MemoryStore::read_keys(name);
    }

    Result<bool, StoreError> replace_keys(std::string_view name, std::uint64_t expected,
                                          std::string_view bytes, Millis now) override
    {
        if (!std::exchange(rival_comes_first, false)) {
            return MemoryStore::replace_keys(name, expected, bytes, now);
        }
        contract::must(MemoryStore::replace_keys(name, expected, std::string(16, 'r'), now));
        return false;
    }

    StatesInMemory states;
    bool rival_comes_first = false;
};

class OpenThrottle : public testing::Test {
protected:
    [[nodiscard]] std::unique_ptr<LoginThrottle> open()
    {
        auto opened = open_throttle(settings, stores, clock);
        if (!opened) throw std::runtime_error(opened.error().message);
        return std::move(*opened);
    }

    /// How many guesses are left of the five.
    [[nodiscard]] static int left(LoginThrottle& throttle)
    {
        int count = 0;
        for (int i = 0; i < 10; ++i) count += throttle.take_login("ann", home).has_value();
        return count;
    }

    [[nodiscard]] std::string kept() { return (*store.read_keys("throttle"))->bytes; }

    config::Settings settings = quick_settings();
    FakeClock clock;
    OpenStores stores{.store = std::make_unique<SharedStore>(clock)};
    SharedStore& store = dynamic_cast<SharedStore&>(*stores.store);
};

TEST_F(OpenThrottle, AllWhoOpenItCountTogether)
{
    EXPECT_EQ(left(*open()), 5);
    EXPECT_EQ(left(*open()), 0);
    EXPECT_EQ(kept().size(), 16U);
}

TEST_F(OpenThrottle, WhoWasSlowerTakesTheKeyOfWhoWasFaster)
{
    store.rival_comes_first = true;
    const auto throttle = open();
    EXPECT_EQ(kept(), std::string(16, 'r'));
    EXPECT_EQ(left(*throttle), 5);
    EXPECT_EQ(left(*open()), 0);
}

TEST_F(OpenThrottle, ItsKeyIsSealedWhereThereIsASecret)
{
    settings.tokens.sealing_secret = Secret(std::string(40, 's'));
    EXPECT_EQ(left(*open()), 5);
    const auto sealed = kept();
    EXPECT_GT(sealed.size(), 16U);
    EXPECT_EQ(left(*open()), 0);
    EXPECT_EQ(kept(), sealed);
}

TEST_F(OpenThrottle, ASecretThatChangesLosesNoCounts)
{
    settings.tokens.sealing_secret = Secret(std::string(40, 's'));
    EXPECT_EQ(left(*open()), 5);
    settings.tokens.sealing_secrets_previous = {settings.tokens.sealing_secret};
    settings.tokens.sealing_secret = Secret(std::string(40, 't'));
    EXPECT_EQ(left(*open()), 0);
    settings.tokens.sealing_secrets_previous = {}; // it was sealed anew
    EXPECT_EQ(left(*open()), 0);
}

TEST_F(OpenThrottle, WhatCannotBeReadIsMadeAnewForAll)
{
    EXPECT_EQ(left(*open()), 5);
    settings.tokens.sealing_secret = Secret(std::string(40, 's')); // it was not sealed
    EXPECT_EQ(left(*open()), 5);
    EXPECT_EQ(left(*open()), 0);
    settings.tokens.sealing_secret = Secret(std::string(40, 'x')); // nobody knows the other one
    EXPECT_EQ(left(*open()), 5);
    EXPECT_EQ(left(*open()), 0);
}

TEST_F(OpenThrottle, ComesAgainWhenTheStoreDoes)
{
    store.states.down = true;
    const auto opened = open_throttle(settings, stores, clock);
    ASSERT_FALSE(opened.has_value());
    EXPECT_TRUE(opened.error().try_again);
}

TEST_F(OpenThrottle, CountsInMemoryWhereToldSoAndWhereOneProcessServes)
{
    settings.throttle.kept = config::ThrottleKept::memory;
    EXPECT_EQ(left(*open()), 5);
    EXPECT_EQ(left(*open()), 5);
    EXPECT_EQ(store.states.calls, 0);
    settings.throttle.kept = config::ThrottleKept::store;
    const OpenStores alone{.store = std::make_unique<MemoryStore>()};
    const auto opened = open_throttle(settings, alone, clock);
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(left(**opened), 5);
    EXPECT_FALSE(*alone.store->read_keys("throttle"));
}

TEST_F(OpenThrottle, CountsInTheRedisOfTheSessionsIfThereIsOne)
{
    auto states = std::make_unique<StatesInMemory>(clock);
    const auto& in_redis = *states;
    stores.states = std::move(states);
    EXPECT_EQ(left(*open()), 5);
    EXPECT_EQ(left(*open()), 0);
    EXPECT_EQ(in_redis.states.size(), 3U);
    EXPECT_EQ(store.states.calls, 0);
    EXPECT_EQ(kept().size(), 16U) << "the key is with the accounts";
}

} // namespace
} // namespace gatehouse::auth
