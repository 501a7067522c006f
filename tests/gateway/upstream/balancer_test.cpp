#include "gateway/upstream/balancer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace gatehouse::gateway {
namespace {

/// Whose turn it is, so many times: "a" is the first candidate, "-" nobody.
std::string turns(std::vector<Candidate> candidates, int count)
{
    std::string text;
    for (int i = 0; i < count; ++i) {
        const auto chosen = next_in_turn(candidates);
        text += chosen ? static_cast<char>('a' + *chosen) : '-';
    }
    return text;
}

TEST(Balancer, GivesTurnsByWeightAndSmoothly)
{
    struct Case {
        const char* name;
        std::vector<Candidate> candidates;
        const char* turns;
    };

    const Case cases[] = {
        {"one",                     {{}},                               "aaaa"    },
        {"equals in their order",   {{}, {}, {}},                       "abcabc"  },
        {"one weighs more",         {{3}, {1}},                         "aabaaaba"},
        {"five, one and one",       {{5}, {1}, {1}},                    "aabacaa" },
        {"one cannot be used",      {{1, true}, {1, false}, {1, true}}, "acac"    },
        {"weight 0 gets nothing",   {{0}, {1}},                         "bbb"     },
        {"only weight 0 is usable", {{0}, {1, false}},                  "-"       },
        {"nobody can be used",      {{1, false}, {1, false}},           "--"      },
        {"there is nobody",         {},                                 "-"       },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(turns(c.candidates, static_cast<int>(std::string(c.turns).size())), c.turns);
    }
}

TEST(Balancer, LetsNobodySaveUpTurnsWhileItCannotBeUsed)
{
    std::vector<Candidate> candidates{
        {1, true },
        {1, false}
    };
    for (int i = 0; i < 10; ++i) EXPECT_EQ(next_in_turn(candidates), 0U);
    candidates[1].usable = true;
    EXPECT_EQ(next_in_turn(candidates), 0U);
    EXPECT_EQ(next_in_turn(candidates), 1U);
}

TEST(Balancer, FindsTheLeastBusyForItsWeight)
{
    struct Case {
        const char* name;
        std::vector<Candidate> candidates; // weight, usable, credit, in flight
        char chosen;
    };

    const Case cases[] = {
        {"the idle one",             {{1, true, 0, 2}, {1, true, 0, 0}},  'b'},
        {"the first of equals",      {{1, true, 0, 1}, {1, true, 0, 1}},  'a'},
        {"the next of equals",       {{1, true, -1, 1}, {1, true, 1, 1}}, 'b'},
        {"the heavier of idle ones", {{1, true, 0, 0}, {2, true, 0, 0}},  'b'},
        {"weighted",                 {{1, true, 0, 1}, {3, true, 0, 4}},  'b'},
        {"weighted, and too busy",   {{1, true, 0, 1}, {3, true, 0, 6}},  'a'},
        {"not what is unusable",     {{1, true, 0, 9}, {1, false, 0, 0}}, 'a'},
        {"not what is to be empty",  {{1, true, 0, 9}, {0, true, 0, 0}},  'a'},
        {"nobody",                   {{1, false, 0, 0}, {0, true, 0, 0}}, '-'},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        auto candidates = c.candidates;
        const auto chosen = least_busy(candidates, 0);
        EXPECT_EQ(chosen ? static_cast<char>('a' + *chosen) : '-', c.chosen);
    }
}

TEST(Balancer, TakesTheBetterOfTwoWhereThereAreMany)
{
    std::vector<Candidate> candidates(many_candidates + 3);
    candidates[4].in_flight = 100;
    candidates[7].usable = false;
    std::vector<int> chosen(candidates.size());
    for (std::uint64_t i = 0; i < 1200; ++i) ++chosen[*least_busy(candidates, i)];
    EXPECT_LT(chosen[4], 20); // only where both are the same one
    EXPECT_EQ(chosen[7], 0);
    for (const auto quiet : {0, 1, 2, 3, 5, 6, 8, 9, 10, 11}) EXPECT_GT(chosen[quiet], 40) << quiet;
    for (auto& candidate : candidates) candidate.usable = false;
    EXPECT_EQ(least_busy(candidates, 1), std::nullopt);
    candidates[7].usable = true;
    EXPECT_EQ(least_busy(candidates, 1), 7U);
}

/// Who owns each of many keys.
std::vector<std::size_t> owners(const std::vector<Candidate>& candidates)
{
    std::vector<std::size_t> all;
    for (int key = 0; key < 6000; ++key) {
        all.push_back(*owner_of(candidates, hash_of("user-" + std::to_string(key))));
    }
    return all;
}

std::vector<Candidate> named(const std::vector<const char*>& names)
{
    std::vector<Candidate> candidates;
    for (const auto* name : names) candidates.push_back({.name = hash_of(name)});
    return candidates;
}

TEST(Balancer, MovesOnlyTheKeysOfTheEndpointThatWent)
{
    auto candidates = named({"10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"});
    const auto before = owners(candidates);
    candidates[1].usable = false;
    const auto after = owners(candidates);
    std::size_t moved_to_first = 0;
    std::size_t moved = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (before[i] != 1) EXPECT_EQ(after[i], before[i]);
        if (before[i] == 1) ++moved;
        if (before[i] == 1 && after[i] == 0) ++moved_to_first;
    }
    EXPECT_NEAR(static_cast<double>(moved), 2000, 200);
    EXPECT_NEAR(static_cast<double>(moved_to_first), 1000, 150); // and the rest to the third
}

TEST(Balancer, KnowsOwnersByNameAndNotByPlace)
{
    const auto one = owners(named({"a:1", "b:1", "c:1"}));
    const auto other = owners(named({"c:1", "a:1", "b:1"}));
    for (std::size_t i = 0; i < one.size(); ++i) EXPECT_EQ((one[i] + 1) % 3, other[i]);
    // The same in every version: who hashes otherwise scatters everybody's sessions.
    EXPECT_EQ(hash_of("user-1"), 0xf16d8d440fbb25d5U);
}

TEST(Balancer, GivesHeavierEndpointsMoreKeys)
{
    auto candidates = named({"a:1", "b:1", "c:1"});
    candidates[2].weight = 4;
    const auto all = owners(candidates);
    const auto share = std::count(all.begin(), all.end(), 2U);
    EXPECT_NEAR(static_cast<double>(share), 4000, 250);
    candidates[2].weight = 0;
    for (const auto owner : owners(candidates)) EXPECT_NE(owner, 2U);
}

TEST(Balancer, LetsAWeightGrowWithAge)
{
    using namespace std::chrono_literals;

    struct Case {
        const char* name;
        std::uint32_t weight;
        std::chrono::milliseconds age;
        std::chrono::milliseconds slow_start;
        std::uint32_t expected;
    };

    const Case cases[] = {
        {"just come",          1, 0s,  30s, 1  },
        {"half way",           1, 15s, 30s, 50 },
        {"grown up",           1, 30s, 30s, 100},
        {"of weight 3",        3, 10s, 30s, 100},
        {"older",              3, 1h,  30s, 300},
        {"nothing is nothing", 0, 1s,  30s, 0  },
        {"not slow at all",    2, 0s,  0s,  200},
        {"from the future",    1, -1s, 30s, 1  },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(grown_weight(c.weight, c.age, c.slow_start), c.expected);
    }
}

} // namespace
} // namespace gatehouse::gateway
