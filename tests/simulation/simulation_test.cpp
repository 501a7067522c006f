#include "tests/simulation/world.hpp"

#include <gtest/gtest.h>

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

TEST_P(Planted, IsFound)
{
    constexpr std::uint64_t enough = 400;
    for (std::uint64_t seed = 1; seed <= enough; ++seed) {
        const auto verdict = run({seed, GetParam().bug, {}});
        if (!verdict.violation) continue;
        RecordProperty("seed", std::to_string(seed));
        RecordProperty("invariant", std::string(to_string(verdict.violation->invariant)));
        return;
    }
    FAIL() << "no run of " << enough << " noticed it";
}

} // namespace
} // namespace gatehouse::simulation
