#include "auth/basics/clock.hpp"
#include "gateway/upstream/endpoint_pool.hpp"
#include "gateway/upstream/spare_places.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>

#include <array>
#include <memory>
#include <optional>
#include <vector>

namespace gatehouse::gateway {
namespace {

struct Woken final : Wakeable {
    void wake() noexcept override { ++times; }

    int times = 0;
};

/// Three workers with a pool each of one endpoint that may have two connections. Their loops run
/// when the test says so.
class SparePlacesTest : public testing::Test {
protected:
    SparePlacesTest()
    {
        settings.circuit.connections = 2;
        for (std::size_t i = 0; i < 3; ++i) {
            pools[i].emplace(state, counters, book.hold("u\nother", i), &loops[i]);
            pools[i]->use(settings);
        }
    }

    void keep_idle(std::size_t worker)
    {
        std::array<int, 2> pair{};
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair.data()), 0);
        far.emplace_back(pair[1]); // one that ends is not kept
        auto& pool = *pools[worker];
        ASSERT_TRUE(pool.may_connect());
        pool.give_back(std::make_unique<UpstreamConnection>(
                           Socket(loops[worker], FileDescriptor(pair[0])), pool),
                       64);
    }

    [[nodiscard]] std::shared_ptr<SparePlaces::Wish> ask(std::size_t worker)
    {
        return state->places->ask(*pools[worker], whom);
    }

    /// Everything the worker was given to do.
    void run(std::size_t worker)
    {
        loops[worker].restart();
        loops[worker].poll();
    }

    const auth::SystemClock clock;
    Counters counters;
    TallyBook<EndpointCounters> book;
    EndpointBoard board{clock};
    config::UpstreamSettings settings;
    std::shared_ptr<EndpointState> state =
        board.hold("u", *parse_endpoint("http://127.0.0.1:1"), settings);
    std::array<asio::io_context, 3> loops;
    std::array<std::optional<EndpointPool>, 3> pools;
    std::vector<FileDescriptor> far;
    Woken whom;
};

TEST_F(SparePlacesTest, AreAskedOfNobodyWhereNobodyHasOne)
{
    EXPECT_EQ(ask(0), nullptr);
    keep_idle(0);
    EXPECT_EQ(ask(0), nullptr) << "its own it can close by itself";
}

TEST_F(SparePlacesTest, AreGivenByOneOfThoseThatHaveOne)
{
    keep_idle(1);
    keep_idle(2);
    ASSERT_TRUE(pools[0]->is_full());
    const auto wish = ask(0);
    ASSERT_NE(wish, nullptr);
    run(2);
    run(1);
    EXPECT_FALSE(wish->is_answered()) << "not before its own thread has heard of it";
    run(0);
    EXPECT_TRUE(wish->is_answered() && wish->is_met());
    EXPECT_EQ(whom.times, 1);
    EXPECT_EQ(pools[1]->idle() + pools[2]->idle(), 1U);
    EXPECT_TRUE(pools[0]->may_connect());
}

TEST_F(SparePlacesTest, AreRefusedOnceAllHaveLooked)
{
    keep_idle(1);
    keep_idle(2);
    const auto wish = ask(0);
    const auto used = pools[1]->take_idle(); // meanwhile
    const auto other = pools[2]->take_idle();
    run(1);
    run(0);
    EXPECT_FALSE(wish->is_answered());
    run(2);
    run(0);
    EXPECT_TRUE(wish->is_answered());
    EXPECT_FALSE(wish->is_met());
}

TEST_F(SparePlacesTest, AreAskedOfAPoolThatIsGoneWithoutHarm)
{
    keep_idle(1);
    const auto wish = ask(0);
    pools[1].reset();
    run(1);
    run(0);
    EXPECT_TRUE(wish->is_answered());
    EXPECT_FALSE(wish->is_met());
}

TEST_F(SparePlacesTest, WakeNobodyWhoDoesNotWaitAnyMoreOrIsGone)
{
    keep_idle(1);
    const auto wish = ask(0);
    wish->forget();
    run(1);
    run(0);
    EXPECT_EQ(whom.times, 0);

    keep_idle(1);
    const auto again = ask(0);
    pools[0].reset();
    run(1);
    run(0);
    EXPECT_FALSE(again->is_answered());
    EXPECT_EQ(pools[1]->idle(), 0U) << "the place is free all the same";
}

TEST_F(SparePlacesTest, AreShownWhileConnectionsAreLimited)
{
    keep_idle(1);
    EXPECT_TRUE(pools[1]->shows_idle());
    const auto taken = pools[1]->take_idle();
    EXPECT_FALSE(pools[1]->shows_idle());
    settings.circuit.connections = 0;
    pools[1]->use(settings);
    keep_idle(1);
    EXPECT_FALSE(pools[1]->shows_idle());
    settings.circuit.connections = 1;
    pools[1]->use(settings);
    EXPECT_TRUE(pools[1]->shows_idle()) << "those from before count, too";
}

} // namespace
} // namespace gatehouse::gateway
