#include "auth/revocation/feed_follower.hpp"
#include "tests/auth/store/redis/feed_fixture.hpp"

/// A process that follows the feed while its server goes, comes back, comes back with less, or is
/// replaced by another.
namespace gatehouse::auth::redis {
namespace {

using contract::must;
using contract::noon;
using namespace std::chrono_literals;

struct StillClock final : Clock {
    [[nodiscard]] Millis now() const noexcept override { return noon + 1s; }
};

class Outage : public FeedFixture {
protected:
    explicit Outage(std::vector<std::string> settings = {})
        : Outage(std::make_unique<Server>(std::move(settings)))
    {
    }

    /// A session that was ended where nobody listens to us.
    [[nodiscard]] Id128 end_one()
    {
        const auto id = Id128::random();
        end(id.to_string());
        return id;
    }

    /// Everything that was said is known; and a process that starts now would know it too.
    void expect_all_ended(std::initializer_list<Id128> ids)
    {
        must(follower.hear());
        RevocationTable fresh;
        FeedFollower starting({feed, fresh, clock}, 3660s, [] { return true; });
        must(starting.catch_up());
        for (const auto& id : ids) {
            EXPECT_TRUE(table.is_ended(id));
            EXPECT_TRUE(fresh.is_ended(id));
        }
    }

    StillClock clock;
    RevocationTable table;
    FeedFollower follower{
        {feed, table, clock},
        3660s, [] { return true; }
    };

private:
    explicit Outage(std::unique_ptr<Server> own) : FeedFixture(*own), server_(std::move(own)) {}

    std::unique_ptr<Server> server_;
};

TEST_F(Outage, AServerThatComesBackHasLostNothing) // R43, R63
{
    must(follower.catch_up());
    const auto before = end_one();
    must(follower.hear());
    const auto unheard = end_one();
    server.kill();
    EXPECT_FALSE(follower.hear());
    EXPECT_FALSE(follower.wait_for_more());
    server.start();
    wait_for_pool();
    const auto after = end_one();
    expect_all_ended({before, unheard, after});
}

TEST_F(Outage, AReplicaIsNobodyToListenTo)
{
    must(follower.catch_up());
    const auto before = end_one();
    must(follower.hear());
    const auto line = server.connect();
    redis::must(line->ask_one(Commands("REPLICAOF", "127.0.0.1", 1), late()));
    EXPECT_FALSE(follower.hear());
    EXPECT_FALSE(feed.standing({}));
    redis::must(line->ask_one(Commands("REPLICAOF", "NO", "ONE"), late()));
    wait_for_pool();
    const auto after = end_one();
    expect_all_ended({before, after});
}

/// One that keeps nothing.
class Forgetful : public Outage {
protected:
    Forgetful() : Outage({"appendonly no"}) {}

    void restart()
    {
        server.kill();
        server.start();
        wait_for_pool();
    }
};

TEST_F(Forgetful, WhatWasHeardOfAServerThatIsEmptyNowStaysRefused)
{
    must(follower.catch_up());
    const auto before = end_one();
    must(follower.hear());
    restart();
    EXPECT_EQ(feed.changes_after(follower.sequence(), 10).error(), StoreError::not_found);
    must(follower.hear());
    EXPECT_TRUE(table.is_ended(before));
    const auto after = end_one();
    expect_all_ended({before, after}); // whoever knew of it has told the server again
}

TEST_F(Forgetful, WhatWasHeardOfAServerThatWasEmptiedIsToldAgainAlsoAfterNewEnds)
{
    must(follower.catch_up());
    const auto before = end_one();
    must(follower.hear());
    ask("FLUSHALL"); // and somebody signs out before anybody looks
    wait_past(follower.sequence());
    const auto after = end_one();
    EXPECT_EQ(feed.changes_after(follower.sequence(), 10).error(), StoreError::not_found);
    must(follower.hear());
    expect_all_ended({before, after});
}

/// A gap could be where the stream was trimmed, were it still the stream of that server.
TEST_F(Forgetful, AServerThatStartedAnewIsAnotherOneAlsoWhereItsStreamWasTrimmed)
{
    must(follower.catch_up());
    const auto before = end_one();
    must(follower.hear());
    restart();
    (void)end_one();
    const auto after = end_one();
    ask("XTRIM", "gatehouse:ended", "MAXLEN", "=", 1);
    EXPECT_EQ(feed.changes_after(follower.sequence(), 10).error(), StoreError::not_found);
    must(follower.hear());
    expect_all_ended({before, after});
}

TEST_F(Forgetful, WhatCameBackToLifeEndsAgain) // R43
{
    must(follower.catch_up());
    std::vector<std::string> ids;
    for (int i = 0; i < 450; ++i) ids.push_back(end_one().to_string());
    must(follower.hear());
    restart();
    // As a replica that takes over and was behind: the sessions are there, and had not ended.
    for (const auto& id : ids) add("u1", id);
    EXPECT_TRUE(must(sessions.rotate(ids[0], 1, contract::refreshed(noon), noon)));
    must(follower.hear());
    for (const auto& id : ids) {
        EXPECT_TRUE(must(sessions.find(id))->ended_at);
        EXPECT_FALSE(must(sessions.rotate(id, 1, contract::refreshed(noon), noon)));
    }
    EXPECT_FALSE(must(sessions.rotate(ids[0], 2, contract::refreshed(noon), noon)));
    EXPECT_TRUE(must(sessions.list("u1", noon)).empty());
    auto told = told_after(0);
    std::ranges::sort(told);
    std::ranges::sort(ids);
    EXPECT_EQ(told, ids);
}

TEST_F(Forgetful, AServerWhoseClockIsBehindIsHeard)
{
    must(follower.catch_up());
    const auto before = end_one();
    must(follower.hear());
    const auto heard = follower.sequence();
    restart();
    // As another one numbers them whose clock is ten years behind: some before we come back, and
    // one, of somebody whose clock is right, that is newer than all we know.
    const auto early = Id128::random();
    const auto late = Id128::random();
    ask("XADD", "gatehouse:ended", "1400000000000-0", "s", early.to_string());
    end(late.to_string());
    must(follower.hear());
    EXPECT_GT(follower.sequence(), heard);
    EXPECT_TRUE(table.is_ended(before));
    expect_all_ended({early, late});
}

} // namespace
} // namespace gatehouse::auth::redis
