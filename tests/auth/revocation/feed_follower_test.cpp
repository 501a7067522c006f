#include "auth/revocation/feed_follower.hpp"
#include "auth/store/memory/memory_store.hpp"

#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

using namespace std::chrono_literals;

constexpr Seconds noon{std::chrono::seconds{1'800'000'000}};

struct StillClock final : Clock {
    [[nodiscard]] Millis now() const noexcept override { return noon + 1s; }
};

/// A feed behind which another store may come to stand.
class Feed final : public ChangeFeed {
public:
    Result<std::vector<Change>, StoreError> changes_after(std::uint64_t after,
                                                          std::size_t limit) override
    {
        if (moved) return StoreError::not_found;
        return store.changes_after(after, limit);
    }

    Result<bool, StoreError> wait_for_changes(std::chrono::milliseconds wait) override
    {
        return store.wait_for_changes(wait);
    }

    void stop_waiting() noexcept override { store.stop_waiting(); }

    Result<Standing, StoreError> standing(Millis /*ended_after*/) override
    {
        if (away) return StoreError::unavailable;
        moved = false;
        Standing standing;
        for (const auto& id : ended) standing.ended_sessions.push_back(id.to_string());
        standing.sequence = sequence;
        return standing;
    }

    Result<void, StoreError> end_again(std::span<const std::string> ids, Millis now) override
    {
        EXPECT_EQ(now, noon + 1s);
        if (full) return StoreError::unavailable;
        told_again.insert(told_again.end(), ids.begin(), ids.end());
        return {};
    }

    void end(const Id128& id)
    {
        if (sessions++ == 0) add_user();
        Session session;
        session.id = id.to_string();
        session.user_id = "u1";
        session.expires_at = noon + 1h;
        ASSERT_TRUE(store.create_session(session, {}, noon));
        ASSERT_TRUE(store.end_session(id.to_string(), noon));
    }

    MemoryStore store;
    std::vector<Id128> ended; // what the standing says
    std::uint64_t sequence = 0;
    bool moved = false;
    bool away = false;
    bool full = false;
    std::vector<std::string> told_again;

private:
    void add_user()
    {
        User user;
        user.id = user.folded_username.emplace("u1");
        ASSERT_TRUE(store.create_user(user, {}, noon));
    }

    int sessions = 0;
};

class Following : public testing::Test {
protected:
    Feed feed;
    StillClock clock;
    RevocationTable table;
    FeedFollower follower{
        {feed, table, clock},
        3660s, [] { return true; }
    };
};

TEST_F(Following, AFeedThatHasBegunAnewIsTakenFromItsStanding)
{
    const auto before = Id128::random();
    const auto meanwhile = Id128::random();
    const auto later = Id128::random();
    feed.end(before);
    feed.sequence = 0;
    ASSERT_TRUE(follower.catch_up());
    ASSERT_TRUE(follower.hear());
    ASSERT_EQ(follower.sequence(), 1U);

    // Another store, whose numbers are lower and which knows nothing of the first end.
    feed.moved = true;
    feed.ended = {meanwhile};
    feed.away = true;
    EXPECT_FALSE(follower.hear());
    EXPECT_EQ(follower.sequence(), 1U);
    feed.away = false;
    ASSERT_TRUE(follower.hear());
    EXPECT_EQ(follower.sequence(), 0U);
    EXPECT_TRUE(table.is_ended(meanwhile));
    EXPECT_TRUE(table.is_ended(before)); // whoever knew of it goes on to refuse it

    feed.end(later);
    ASSERT_TRUE(follower.hear());
    EXPECT_EQ(follower.sequence(), 2U);
    EXPECT_TRUE(table.is_ended(later));
}

TEST_F(Following, TellsHowOldChangesWereWhenTheyWereApplied)
{
    Durations ages;
    FeedFollower measured{
        {feed, table, clock, nullptr, nullptr, &ages},
        3660s, [] { return true; }
    };
    ASSERT_TRUE(measured.catch_up());
    feed.end(Id128::random());
    ASSERT_TRUE(measured.hear());
    const auto counts = ages.counts();
    EXPECT_EQ(counts.buckets[duration_bucket(1'000'000)],
              1U); // made at noon, applied a second later
    EXPECT_EQ(counts.micros, 1'000'000U);
    ASSERT_TRUE(measured.hear());
    EXPECT_EQ(ages.counts().micros, 1'000'000U) << "each change counts once";
}

TEST_F(Following, AFeedThatHasLostSomethingIsToldOfItUntilItKnows)
{
    const auto first = Id128::random();
    const auto second = Id128::random();
    const auto third = Id128::random();
    feed.end(first);
    feed.end(second);
    ASSERT_TRUE(follower.catch_up());
    ASSERT_TRUE(follower.hear());
    EXPECT_TRUE(feed.told_again.empty());

    feed.moved = true;
    feed.full = true;
    feed.ended = {second, third};
    feed.sequence = 2;
    EXPECT_FALSE(follower.hear());
    EXPECT_FALSE(follower.hear());
    feed.full = false;
    ASSERT_TRUE(follower.hear());
    EXPECT_EQ(feed.told_again, std::vector<std::string>{first.to_string()});
    ASSERT_TRUE(follower.hear());
    EXPECT_EQ(feed.told_again.size(), 1U); // once is enough
    EXPECT_TRUE(table.is_ended(third));
}

} // namespace
} // namespace gatehouse::auth
