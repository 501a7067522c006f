#include "tests/simulation/world.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace gatehouse::simulation {
namespace {

std::string story_of(std::uint64_t seed, Bug bug)
{
    std::string story;
    const auto verdict = run({seed, bug, [&](const std::string& line) { story += line + '\n'; }});
    if (verdict.violation) story += verdict.violation->what;
    return story;
}

TEST(Simulation, ARunIsRepeatedFromItsSeedToTheLastWord)
{
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        SCOPED_TRACE(seed);
        const auto story = story_of(seed, Bug::none);
        EXPECT_GT(story.size(), 1'000U);
        EXPECT_TRUE(story == story_of(seed, Bug::none)); // too long to print
        EXPECT_TRUE(story != story_of(seed + 1, Bug::none));
    }
}

class Planted : public testing::TestWithParam<NamedBug> {};

INSTANTIATE_TEST_SUITE_P(Bugs, Planted, testing::ValuesIn(all_bugs().begin(), all_bugs().end()),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_P(Planted, BreaksItsInvariant)
{
    // Most need a few; one needs a race that three runs of a thousand have.
    constexpr std::uint64_t enough = 2000;
    std::map<std::string, int> broken; // what else it breaks
    for (std::uint64_t seed = 1; seed <= enough; ++seed) {
        const auto verdict = run({seed, GetParam().bug, {}});
        if (!verdict.violation) continue;
        if (verdict.violation->invariant == GetParam().breaks) {
            RecordProperty("seed", std::to_string(seed));
            return;
        }
        ++broken[std::string(to_string(verdict.violation->invariant))];
    }
    FAIL() << "no run of " << enough << " broke " << to_string(GetParam().breaks) << ", but "
           << testing::PrintToString(broken);
}

} // namespace
} // namespace gatehouse::simulation
