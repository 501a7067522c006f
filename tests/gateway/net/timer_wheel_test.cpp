#include "gateway/net/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
using Time = TimerWheel::Time;

class Alarm final : public TimerWheel::Entry {
public:
    ~Alarm() = default;

    int rung = 0;
    std::function<void()> then = [] {};

private:
    void on_due() noexcept override
    {
        ++rung;
        then();
    }
};

int rung(const std::vector<std::unique_ptr<Alarm>>& alarms)
{
    int sum = 0;
    for (const auto& alarm : alarms) sum += alarm->rung;
    return sum;
}

TEST(TimerWheel, FiresNeverEarlyAndAtMostOneTickLate)
{
    for (const auto start : {0ms, 7ms, 24ms, 1'000'003ms}) {
        for (const auto after : {0ms, 1ms, 25ms, 26ms, 1000ms, 12'800ms, 75'000ms}) {
            SCOPED_TRACE(std::to_string(start.count()) + " + " + std::to_string(after.count()));
            TimerWheel wheel(start);
            Alarm alarm;
            wheel.arm(alarm, start, after);
            auto now = start;
            while (alarm.rung == 0 && now < start + after + 1s) wheel.advance(now += 1ms);
            EXPECT_EQ(alarm.rung, 1);
            EXPECT_GT(now, start + after);
            EXPECT_LE(now, start + after + 2 * TimerWheel::tick);
            EXPECT_TRUE(wheel.empty());
        }
    }
}

TEST(TimerWheel, ForgetsWhatWasDisarmedRearmedOrDestroyed)
{
    TimerWheel wheel(0ms);
    Alarm disarmed;
    Alarm rearmed;
    auto destroyed = std::make_unique<Alarm>();
    wheel.arm(disarmed, 0ms, 100ms);
    wheel.arm(rearmed, 0ms, 100ms);
    wheel.arm(*destroyed, 0ms, 100ms);
    disarmed.disarm();
    wheel.arm(rearmed, 0ms, 500ms);
    destroyed.reset();
    wheel.advance(300ms);
    EXPECT_EQ(disarmed.rung + rearmed.rung, 0);
    wheel.advance(600ms);
    EXPECT_EQ(rearmed.rung, 1);
    EXPECT_TRUE(wheel.empty());
}

TEST(TimerWheel, LetsAnEntryChangeOthersAndItselfWhileItFires)
{
    TimerWheel wheel(0ms);
    Alarm first;
    Alarm second;
    auto third = std::make_unique<Alarm>();
    for (auto* alarm : {&first, &second, third.get()}) wheel.arm(*alarm, 0ms, 100ms);
    first.then = [&] {
        second.disarm();
        third.reset();
        if (first.rung == 1) wheel.arm(first, 150ms, 100ms);
    };
    wheel.advance(150ms);
    EXPECT_EQ(first.rung, 1);
    EXPECT_EQ(second.rung, 0);
    wheel.advance(400ms);
    EXPECT_EQ(first.rung, 2);
    EXPECT_TRUE(wheel.empty());
}

TEST(TimerWheel, CatchesUpAfterALongStallAndAfterSleepingEmpty)
{
    TimerWheel wheel(0ms);
    Alarm alarm;
    Alarm later;
    wheel.arm(alarm, 0ms, 100ms);
    wheel.arm(later, 0ms, 200'000ms);
    wheel.advance(100'000ms); // several turns at once
    EXPECT_EQ(alarm.rung, 1);
    EXPECT_EQ(later.rung, 0);
    wheel.advance(300'000ms);
    EXPECT_EQ(later.rung, 1);

    wheel.arm(alarm, 900'000ms, 100ms); // nobody advanced the empty wheel
    wheel.advance(900'050ms);
    EXPECT_EQ(alarm.rung, 1);
    wheel.advance(900'200ms);
    EXPECT_EQ(alarm.rung, 2);
}

TEST(TimerWheel, KnowsWhenItWillFireNext)
{
    TimerWheel wheel(0ms);
    EXPECT_EQ(wheel.next_due(), std::nullopt);

    // In the next slot, in one before it but turns later, in the same slot as another, far away.
    const Time waits[] = {0ms, 25ms, 400ms, 12'800ms, 12'810ms, 25'600ms, 75'000ms, 400ms};
    std::vector<std::unique_ptr<Alarm>> alarms;
    std::vector<Time> dues;
    for (const auto wait : waits) {
        alarms.push_back(std::make_unique<Alarm>());
        dues.push_back(wheel.arm(*alarms.back(), 10'010ms, wait));
        EXPECT_EQ(wheel.next_due(), std::ranges::min(dues));
    }
    alarms[0]->disarm();
    wheel.arm(*alarms[1], 10'010ms, 60'000ms);
    int fired = 0;
    while (const auto due = wheel.next_due()) {
        wheel.advance(*due - 1ms);
        EXPECT_EQ(rung(alarms), fired) << due->count();
        wheel.advance(*due);
        EXPECT_GT(rung(alarms), fired) << due->count();
        fired = rung(alarms);
    }
    EXPECT_EQ(fired, 7);
    EXPECT_TRUE(wheel.empty());
}

} // namespace
} // namespace gatehouse::gateway
