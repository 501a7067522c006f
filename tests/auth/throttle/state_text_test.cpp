#include "auth/throttle/state_text.hpp"

#include <gtest/gtest.h>

#include <random>

namespace gatehouse::auth {
namespace {

template <class State>
void expect_the_same_back(const State& state)
{
    State read{};
    EXPECT_TRUE(read_text(to_text(state), read)) << to_text(state);
    EXPECT_EQ(read, state) << to_text(state);
}

TEST(StateText, ReadsWhatItWrote)
{
    std::mt19937_64 random(11);
    const auto number = [&] { return random() >> (random() % 64); };
    for (int i = 0; i < 5'000; ++i) {
        const auto when = static_cast<std::int64_t>(number());
        PairState pair;
        pair.last_ms = when;
        pair.failures = static_cast<std::uint32_t>(number()) | 1U;
        expect_the_same_back(pair);
        WindowState window;
        window.newest = -when;
        for (auto& count : window.counts) count = static_cast<std::uint32_t>(number());
        window.counts.at(random() % window.counts.size()) |= 1U;
        expect_the_same_back(window);
        BucketState bucket;
        bucket.full_at_us = when | 1;
        expect_the_same_back(bucket);
    }
}

TEST(StateText, IsEmptyForWhatSaysNothing)
{
    PairState forgiven;
    forgiven.last_ms = 5;
    EXPECT_EQ(to_text(forgiven), "");
    WindowState given_back;
    given_back.newest = 5;
    EXPECT_EQ(to_text(given_back), "");
    EXPECT_EQ(to_text(BucketState{}), "");
    EXPECT_TRUE(read_text("", forgiven));
    EXPECT_EQ(forgiven, PairState{});
}

TEST(StateText, ReadsNothingElse)
{
    for (const std::string text :
         {" ", "1", "1 2 ", " 1 2", "1  2", "1 2 3", "1 -2", "1 4294967296", "01 2", "+1 2", "1 0",
          "9223372036854775808 1", "1\n2", "1.0 2", "0x1 2", "many"}) {
        PairState state;
        state.failures = 7;
        EXPECT_FALSE(read_text(text, state)) << text;
        EXPECT_EQ(state, PairState{}) << text;
    }
    const std::string window = "5 1 0 0 0 0 0 0 0 0 0 0 0 0";
    WindowState state;
    EXPECT_TRUE(read_text(window, state));
    for (std::size_t length = 1; length < window.size(); ++length) {
        EXPECT_FALSE(read_text(std::string_view(window).substr(0, length), state)) << length;
    }
    EXPECT_FALSE(read_text(window + " 0", state));
    BucketState bucket;
    EXPECT_FALSE(read_text("0", bucket));
}

} // namespace
} // namespace gatehouse::auth
