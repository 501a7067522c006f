#include "tests/auth/store/redis/feed_fixture.hpp"

#include <future>

/// What is the stream's own: what it holds and for how long, and what others may do to it. That it
/// is a feed like any other says the shared contract.
namespace gatehouse::auth::redis {
namespace {

using contract::must;
using contract::noon;
using contract::refreshed;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* stream = "gatehouse:ended";

class RedisFeedTest : public FeedFixture {
protected:
    RedisFeedTest() : FeedFixture(Server::shared()) {}

    [[nodiscard]] std::uint64_t newest() { return must(feed.standing({})).sequence; }
};

TEST_F(RedisFeedTest, AnEndThatCannotBeToldDoesNotHappen) // R44
{
    for (const auto* id : {"s1", "s2"}) add("u1", id);
    ask("SET", stream, "in the way");
    EXPECT_EQ(sessions.end("s1", noon).error(), StoreError::unavailable);
    EXPECT_EQ(sessions.end_all("u1", "s2", noon).error(), StoreError::unavailable);
    EXPECT_EQ(feed.changes_after(0, 10).error(), StoreError::unavailable);
    EXPECT_EQ(feed.standing({}).error(), StoreError::unavailable);
    EXPECT_EQ(feed.wait_for_changes(0ms).error(), StoreError::unavailable);
    ask("DEL", stream);
    EXPECT_TRUE(must(sessions.end("s1", noon))); // it had not ended, and whoever asks again is told
    EXPECT_THAT(told_after(0), ElementsAre("s1"));
}

TEST_F(RedisFeedTest, AFullServerTellsOfEveryEnd)
{
    for (const auto* id : {"s1", "s2", "s3"}) add("u1", id);
    ask("CONFIG", "SET", "maxmemory", 1);
    EXPECT_TRUE(must(sessions.end("s1", noon)));
    EXPECT_THAT(must(sessions.end_all("u1", "s2", noon)), ElementsAre("s3"));
    EXPECT_THAT(told_after(0), ElementsAre("s1", "s3"));
    EXPECT_THAT(must(feed.standing({})).ended_sessions, ElementsAre("s1", "s3"));
    ask("CONFIG", "SET", "maxmemory", 0);
}

TEST_F(RedisFeedTest, LetsGoOfWhatIsTooOldForAnyToken)
{
    // The server's clock says when an entry came. It drops them a hundred at a time.
    for (int i = 1; i <= 250; ++i) ask("XADD", stream, std::to_string(i) + "-0", "s", "old");
    end("new");
    EXPECT_LT(ask("XLEN", stream).integer, 150);
    EXPECT_EQ(told_after(0).back(), "new");

    const auto time = ask("TIME").items.at(0).text; // seconds
    const auto hour_ago = std::to_string(std::stoll(time) - 3600) + "000";
    ask("DEL", stream);
    for (int i = 1; i <= 250; ++i) {
        ask("XADD", stream, hour_ago + "-" + std::to_string(i), "s", "needed");
    }
    end("newer");
    EXPECT_EQ(ask("XLEN", stream).integer, 251);
}

TEST_F(RedisFeedTest, WhoHeardLittleOfATrimmedStreamGoesOnWithTheRest)
{
    end("s1");
    const auto heard = newest();
    for (const auto* id : {"s2", "s3"}) end(id);
    ask("XTRIM", stream, "MAXLEN", "=", 1);
    EXPECT_THAT(told_after(heard), ElementsAre("s3"));
    EXPECT_THAT(must(feed.standing({})).ended_sessions, ElementsAre("s3"));
}

TEST_F(RedisFeedTest, AStreamThatHasLostWhatWasHeardIsNoLongerTheSame)
{
    for (const auto* id : {"s1", "s2"}) end(id);
    const auto heard = newest();
    EXPECT_THAT(told_after(heard), IsEmpty());
    ask("DEL", stream);
    EXPECT_EQ(feed.changes_after(heard, 10).error(), StoreError::not_found);
    EXPECT_EQ(newest(), 0U);
    wait_past(heard);
    end("s3");
    EXPECT_THAT(told_after(0), ElementsAre("s3"));
    EXPECT_GT(newest(), heard);
}

TEST_F(RedisFeedTest, EntriesOfOthersAreNoEnds)
{
    const std::string bytes("\r\n\0$-1\r\n", 9);
    const std::string huge(2'000'000, 'x');
    end("s1");
    ask("XADD", stream, "*", "x", "y");
    ask("XADD", stream, "*", "s", huge, "at", huge);
    ask("XADD", stream, "*", bytes, bytes);
    ask("XADD", stream, "*", "s", bytes, "at", bytes);
    ask("XADD", stream, "*", "", "", "s", "", "__index", "tostring");
    end("s2");
    EXPECT_THAT(told_after(0), ElementsAre("s1", "", "", "", bytes, "", "s2"));
    EXPECT_THAT(told_after(0, 3), SizeIs(3)); // they take their place
    const auto standing = must(feed.standing({}));
    EXPECT_THAT(standing.ended_sessions, SizeIs(7));
    EXPECT_THAT(told_after(standing.sequence), IsEmpty());
}

TEST_F(RedisFeedTest, AStandingIsReadToItsEnd)
{
    const auto connection = server.connect();
    Commands commands;
    constexpr int many = 12'000;
    for (int i = 1; i <= many; ++i) {
        commands.add("XADD", stream, std::to_string(i) + "-0", "s", std::to_string(i));
    }
    redis::must(connection->ask(commands, late()));
    const auto standing = must(feed.standing({}));
    ASSERT_THAT(standing.ended_sessions, SizeIs(many));
    for (int i = 1; i <= many; ++i) {
        EXPECT_EQ(standing.ended_sessions[static_cast<std::size_t>(i - 1)], std::to_string(i));
    }
    EXPECT_THAT(told_after(standing.sequence), IsEmpty());
}

TEST_F(RedisFeedTest, AClockThatStandsStillLosesNothing)
{
    // As a server does whose clock was set back by years, or which ends a million a millisecond.
    for (const auto* last : {"4000000000000-999998", "4000000000000-18446744073709551614"}) {
        SCOPED_TRACE(last);
        ask("DEL", stream);
        ask("XADD", stream, last, "x", "y");
        std::vector<std::string> all;
        auto heard = newest();
        for (const auto* id : {"a", "b", "c", "d"}) {
            end(last + std::string(id));
            const auto changes = must(feed.changes_after(heard, 10));
            ASSERT_FALSE(changes.empty());
            EXPECT_EQ(changes.back().subject, last + std::string(id));
            EXPECT_GT(changes.back().sequence, heard);
            heard = changes.back().sequence;
        }
    }
}

TEST_F(RedisFeedTest, NumbersThatNoOrderCanBeMadeOfAreNoFeed)
{
    end("s1");
    ask("XADD", stream, "9223372036854775807-5", "s", "x");
    EXPECT_EQ(feed.changes_after(0, 10).error(), StoreError::unavailable);
    EXPECT_EQ(feed.standing({}).error(), StoreError::unavailable);
}

TEST_F(RedisFeedTest, WakesWhoeverWaits)
{
    while (ask("PUBSUB", "NUMSUB", stream).items.at(1).integer == 0) std::this_thread::yield();
    static_cast<void>(must(feed.wait_for_changes(0ms)));
    for (const auto* id : {"s1", "s2", "s3"}) {
        auto waiting = std::async(std::launch::async, [&] { return feed.wait_for_changes(1h); });
        end(id);
        EXPECT_TRUE(must(waiting.get()));
        EXPECT_THAT(told_after(0).back(), id);
    }
    EXPECT_FALSE(must(feed.wait_for_changes(1ms)));
}

TEST_F(RedisFeedTest, ListensAgainAfterItsConnectionWasCut)
{
    for (const auto* id : {"s1", "s2", "s3"}) {
        while (ask("PUBSUB", "NUMSUB", stream).items.at(1).integer == 0) std::this_thread::yield();
        ask("CLIENT", "KILL", "TYPE", "pubsub");
        auto waiting = std::async(std::launch::async, [&] {
            while (told_after(0).empty() || told_after(0).back() != id) {
                static_cast<void>(must(feed.wait_for_changes(1h)));
            }
        });
        end(id);
        waiting.get();
    }
}

TEST_F(RedisFeedTest, AsksWhereItMayNotListen)
{
    ask("ACL", "SETUSER", "deaf", "on", ">secret", "~*", "+@all", "resetchannels");
    auto place = server.place();
    place.address.user = "deaf";
    place.password = Secret("secret");
    RedisFeed deaf(pool, place, 1h, 1ms);
    static_cast<void>(must(deaf.wait_for_changes(0ms)));
    for (const auto* id : {"s1", "s2"}) {
        auto waiting = std::async(std::launch::async, [&] { return deaf.wait_for_changes(1h); });
        end(id);
        EXPECT_TRUE(must(waiting.get()));
    }
    ask("ACL", "DELUSER", "deaf");
}

TEST_F(RedisFeedTest, AWaitCanBeStoppedWhileItLasts)
{
    static_cast<void>(must(feed.wait_for_changes(0ms)));
    auto waiting = std::async(std::launch::async, [&] { return feed.wait_for_changes(1h); });
    feed.stop_waiting();
    EXPECT_FALSE(must(waiting.get()));
}

} // namespace
} // namespace gatehouse::auth::redis
