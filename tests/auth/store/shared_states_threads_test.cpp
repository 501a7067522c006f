#include "tests/auth/store/open_states.hpp"
#include "tests/auth/store/together.hpp"

namespace gatehouse::auth::contract {
namespace {

constexpr int callers = 8;
constexpr int rounds = 25;

class SharedStatesUnderThreads : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Places, SharedStatesUnderThreads, every_shared_place, name_of);

TEST_P(SharedStatesUnderThreads, NoChangeIsLostWhicheverOrderTheKeysAreNamedIn)
{
    const TemporaryFolder folder;
    clear_states(GetParam(), folder.path());
    const auto here = open_states(GetParam());
    const auto there = open_states(GetParam());
    std::vector<std::string> keys = {"a", "b", "c"};
    together(callers, [&](int i) {
        const auto& states = i % 2 == 0 ? here : there;
        auto own = keys;
        if (i % 4 < 2) std::ranges::reverse(own);
        for (int round = 0; round < rounds; ++round) {
            must(states->change(own, 1h, [](std::span<std::string> seen, Millis) {
                EXPECT_TRUE(seen[0] == seen[1] && seen[1] == seen[2]); // all at one moment
                for (auto& text : seen) text += "|";
                return Result<void, StoreError>();
            }));
        }
    });
    must(here->change(keys, 1h, [&](std::span<std::string> seen, Millis) {
        for (const auto& text : seen) EXPECT_EQ(text.size(), std::size_t{callers * rounds});
        return Result<void, StoreError>();
    }));
}

/// Rows come and go all the time: whoever waits for one that is removed makes it anew.
TEST_P(SharedStatesUnderThreads, WhatIsTakenAndGivenBackAgainAndAgainIsAllBack)
{
    const TemporaryFolder folder;
    clear_states(GetParam(), folder.path());
    const auto here = open_states(GetParam());
    const auto there = open_states(GetParam());
    const std::vector<std::string> keys = {"a", "b"};
    together(callers, [&](int i) {
        const auto& states = i % 2 == 0 ? here : there;
        const auto add = [&](bool more) {
            must(states->change(keys, 1h, [&](std::span<std::string> seen, Millis) {
                for (auto& text : seen) more ? text.push_back('|') : text.pop_back();
                EXPECT_EQ(seen[0], seen[1]);
                return Result<void, StoreError>();
            }));
        };
        for (int round = 0; round < rounds; ++round) {
            add(true);
            add(false);
        }
    });
    must(here->change(keys, 1h, [](std::span<std::string> seen, Millis) {
        for (const auto& text : seen) EXPECT_EQ(text, "");
        return Result<void, StoreError>();
    }));
}

} // namespace
} // namespace gatehouse::auth::contract
