#include "gateway/upstream/balancer.hpp"

#include <gtest/gtest.h>

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

} // namespace
} // namespace gatehouse::gateway
