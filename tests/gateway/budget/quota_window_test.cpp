#include "gateway/budget/quota_window.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <random>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
using Time = QuotaWindow::Time;

TEST(QuotaWindow, ForgetsALittleLateAndNeverEarly)
{
    QuotaWindow window(32s); // parts of a second
    window.add(100s, 3);
    window.add(105500ms, 2);
    EXPECT_EQ(window.used(105500ms), 5U);
    EXPECT_EQ(window.next_change(105500ms), Time{133s});
    EXPECT_EQ(window.used(132999ms), 5U);
    EXPECT_EQ(window.used(133s), 2U);
    EXPECT_EQ(window.used(137999ms), 2U);
    EXPECT_EQ(window.used(138s), 0U);
    EXPECT_EQ(window.next_change(138s), Time{138s});
}

TEST(QuotaWindow, CountsWhatLiesAhead)
{
    QuotaWindow window(32s);
    window.add(120s, 4);
    EXPECT_EQ(window.used(100s), 4U);
    window.add(90s, 1); // later told of
    EXPECT_EQ(window.used(120s), 5U);
    EXPECT_EQ(window.used(153s), 0U);
}

/// Whoever asks before each request, and counts it when it is over, never has more than so many
/// within any time as long as `per`, wherever that begins: here by requests that take any time.
TEST(QuotaWindow, IsNeverExceededWhereverATimeBegins)
{
    constexpr std::uint32_t most = 20;
    constexpr Time per = 10s;
    std::mt19937_64 chance(7); // NOLINT: the same each time
    QuotaWindow window(per);
    std::deque<Time> under_way; // when they get there, in order
    std::deque<Time> arrived;
    std::size_t all = 0;
    for (Time now = 0s; now < 300s; now += 13ms) {
        while (!under_way.empty() && under_way.front() <= now) {
            arrived.push_back(under_way.front());
            window.add(now, 1);
            under_way.pop_front();
        }
        if (window.used(now) + under_way.size() < most) {
            const auto last = under_way.empty() ? now : std::max(now, under_way.back());
            under_way.push_back(last + Time(static_cast<std::int64_t>(chance() % 400'000'000)));
            ++all;
        }
    }
    for (std::size_t i = most; i < arrived.size(); ++i) {
        EXPECT_GE(arrived[i] - arrived[i - most], per) << i;
    }
    EXPECT_GT(all, 30U * most * 8 / 10) << "nearly all of the quota is used";
}

TEST(QuotaWindow, IsTheSameAsText)
{
    QuotaWindow window(60s);
    window.add(1'000'000s, 7);
    window.add(1'000'031s, 9);
    QuotaWindow read;
    ASSERT_TRUE(read.read(window.text()));
    for (const Time now : {Time{1'000'031s}, Time{1'000'062s}, Time{1'000'095s}}) {
        EXPECT_EQ(read.used(now), window.used(now));
    }
    EXPECT_EQ(read.text(), window.text());
    EXPECT_LT(window.text().size(), 400U);
}

TEST(QuotaWindow, ReadsNothingElse)
{
    const char* const cases[] = {
        "",
        " ",
        "1",
        "0 5",
        "-1 5 1",
        "1 1 3 4 5",
        "1000 5 ",
        "1000 5 x",
        "1000 5 1 1 1 1 1 1 1",
        "9223372036854775807 9223372036854775807 1",
        "1000 9223372036854775807 1",
        "1000 5 4294967296",
        "1000 5  1",
        "1000 5 1\n",
    };
    for (const auto* text : cases) {
        SCOPED_TRACE(text);
        QuotaWindow window(32s);
        window.add(1s, 2);
        EXPECT_FALSE(window.read(text));
        EXPECT_EQ(window.used(1s), 2U);
    }
}

TEST(QuotaWindow, TakesAllAlongIntoAnotherTime)
{
    QuotaWindow window(10s);
    window.add(100s, 5);
    auto longer = window.with(60s, 105s);
    EXPECT_EQ(longer.used(160s), 5U);
    EXPECT_EQ(longer.used(168s), 0U);
}

} // namespace
} // namespace gatehouse::gateway
