#include "auth/store/store_meter.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace gatehouse::auth {
namespace {

std::uint64_t calls(const StoreMeter& meter, StoreMeter::Kind kind)
{
    const auto took = meter.of(kind).took;
    return std::accumulate(took.buckets.begin(), took.buckets.end(), std::uint64_t{0});
}

TEST(StoreMeter, CountsCallsOfEachKindAndThoseThatFail)
{
    StoreMeter meter(16);
    {
        const StoreMeter::Call read(&meter, StoreMeter::Kind::read);
        StoreMeter::Call write(&meter, StoreMeter::Kind::write);
        write.failed();
        EXPECT_EQ(meter.in_flight(), 2U);
    }
    {
        const StoreMeter::Call uncounted(nullptr, StoreMeter::Kind::read);
    }
    EXPECT_EQ(meter.in_flight(), 0U);
    EXPECT_EQ(calls(meter, StoreMeter::Kind::read), 1U);
    EXPECT_EQ(calls(meter, StoreMeter::Kind::write), 1U);
    EXPECT_EQ(calls(meter, StoreMeter::Kind::command), 0U);
    EXPECT_EQ(meter.of(StoreMeter::Kind::read).errors, 0U);
    EXPECT_EQ(meter.of(StoreMeter::Kind::write).errors, 1U);
    EXPECT_EQ(meter.connections(), 16U);
}

TEST(StoreMeter, TakesNoWritesUntilOneSucceedsAgain)
{
    StoreMeter meter;
    EXPECT_TRUE(meter.takes_writes());
    const auto call = [&](StoreMeter::Kind kind, bool fails) {
        StoreMeter::Call made(&meter, kind);
        if (fails) made.failed();
    };
    call(StoreMeter::Kind::read, true);
    EXPECT_TRUE(meter.takes_writes());
    call(StoreMeter::Kind::write, true);
    EXPECT_FALSE(meter.takes_writes());
    call(StoreMeter::Kind::read, false);
    EXPECT_FALSE(meter.takes_writes());
    call(StoreMeter::Kind::write, false);
    EXPECT_TRUE(meter.takes_writes());
}

} // namespace
} // namespace gatehouse::auth
