#include "gateway/net/timers.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <utility>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

class Sleeper final : public Wakeable {
public:
    explicit Sleeper(std::function<void()> then) : then_(std::move(then)) {}

    void wake() noexcept override
    {
        woken_at = Clock::now();
        then_();
    }

    Clock::time_point woken_at{};

private:
    std::function<void()> then_;
};

// Deadlines are kept by the coarse clock, which a stride of the kernel may have left behind.
constexpr auto coarse = 10ms;

TEST(Timers, LetTheLoopSleepUntilADeadlineIsDue)
{
    asio::io_context io;
    Timers timers(io);
    Sleeper sleeper([&] { io.stop(); });
    Sleeper never([] { ADD_FAILURE(); });
    Deadline later;
    Deadline deadline;
    later.arm(timers, 75s, never);
    const auto begin = Clock::now();
    deadline.arm(timers, 300ms, sleeper);
    const auto wake_ups = io.run_for(20s);
    EXPECT_TRUE(deadline.has_passed());
    EXPECT_FALSE(later.has_passed());
    EXPECT_GE(sleeper.woken_at - begin, 300ms - coarse);
    // Twelve ticks lie in between. What was set for the later deadline may wake it once as well.
    EXPECT_LE(wake_ups, 3U);
}

TEST(Timers, RingEarlierWhenSomethingEarlierIsArmed)
{
    asio::io_context io;
    Timers timers(io);
    Deadline far;
    Deadline near;
    Deadline next;
    Sleeper never([] { ADD_FAILURE(); });
    Sleeper last([&] { io.stop(); });
    Sleeper first([&] { next.arm(timers, 50ms, last); }); // while the wheel turns
    far.arm(timers, 60s, never);
    io.poll();
    near.arm(timers, 50ms, first);
    io.run_for(20s);
    EXPECT_TRUE(near.has_passed());
    EXPECT_TRUE(next.has_passed());
}

TEST(Timers, SleepOnWhenADeadlineIsDisarmed)
{
    asio::io_context io;
    Timers timers(io);
    Sleeper sleeper([&] { io.stop(); });
    Deadline dropped;
    Deadline kept;
    dropped.arm(timers, 50ms, sleeper);
    kept.arm(timers, 150ms, sleeper);
    dropped.clear();
    io.run_for(20s);
    EXPECT_TRUE(kept.has_passed());
    EXPECT_FALSE(dropped.has_passed());
}

} // namespace
} // namespace gatehouse::gateway
