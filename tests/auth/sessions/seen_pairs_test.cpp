#include "auth/sessions/seen_pairs.hpp"

#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

const Id128 one{1, 1};
const Id128 two{2, 2};
/// Shares its slot among those noted lately with the first.
const Id128 rival{3, 1 + 4096};

TEST(SeenPairs, WaitUntilTheyAreWritten)
{
    SeenPairs pairs;
    EXPECT_EQ(pairs.newest_of(one), 0U);
    pairs.note(one, 3);
    pairs.note(one, 2);
    pairs.note(one, 4);
    pairs.note(two, 1);
    EXPECT_EQ(pairs.newest_of(one), 4U);
    EXPECT_EQ(pairs.waiting(1).size(), 1U);
    const auto waiting = pairs.wait(9);
    ASSERT_EQ(waiting.size(), 2U);
    EXPECT_EQ(waiting[0].session_id, one.to_string());
    EXPECT_EQ(waiting[0].generation, 4U);

    pairs.note(one, 5); // while they are written
    pairs.written(waiting);
    EXPECT_EQ(pairs.newest_of(one), 5U);
    EXPECT_EQ(pairs.newest_of(two), 0U);
}

TEST(SeenPairs, TellWhatManyWorkersMeetOnce)
{
    SeenPairs pairs;
    pairs.note(one, 3);
    pairs.written(pairs.wait(9));
    for (int worker = 0; worker < 4; ++worker) pairs.note(one, 3);
    EXPECT_TRUE(pairs.waiting(9).empty());
    pairs.note(rival, 1);
    pairs.note(one, 3);
    EXPECT_EQ(pairs.waiting(9).size(), 2U) << "twice does no harm";
}

TEST(SeenPairs, AreBounded)
{
    SeenPairs pairs;
    for (std::uint64_t i = 0; i < SeenPairs::most_waiting; ++i) pairs.note({7, i}, 1);
    pairs.note(one, 1);
    EXPECT_EQ(pairs.dropped(), 1U);
    EXPECT_EQ(pairs.newest_of(one), 0U);
    pairs.note({7, 9}, 2);
    EXPECT_EQ(pairs.newest_of({7, 9}), 2U) << "who waits already takes no room";
    pairs.written(pairs.wait(1));
    pairs.note(one, 1);
    EXPECT_EQ(pairs.newest_of(one), 1U);
}

TEST(SeenPairs, NobodyWaitsAfterTheEnd)
{
    SeenPairs pairs;
    pairs.note(one, 1);
    EXPECT_TRUE(pairs.pause(std::chrono::milliseconds(1)));
    pairs.stop();
    EXPECT_TRUE(pairs.wait(9).empty());
    EXPECT_FALSE(pairs.pause(std::chrono::hours(1)));
    EXPECT_EQ(pairs.waiting(9).size(), 1U) << "and what is left can be written";
}

} // namespace
} // namespace gatehouse::auth
