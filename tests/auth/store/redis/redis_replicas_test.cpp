#include "tests/auth/store/redis/feed_fixture.hpp"

/// When the book in Redis may be believed. The rest is the shared contract's.
namespace gatehouse::auth::redis {
namespace {

using contract::must;
using namespace std::chrono_literals;
using testing::ElementsAre;

class RedisReplicas : public FeedFixture {
protected:
    RedisReplicas() : FeedFixture(Server::shared()) { must(feed.standing({})); }

    /// Every entry as "name applied".
    [[nodiscard]] std::vector<std::string> entries()
    {
        std::vector<std::string> all;
        for (const auto& entry : must(book.replicas()).entries) {
            all.push_back(entry.replica + " " + std::to_string(entry.applied));
        }
        return all;
    }

    RedisReplicaBook book{pool, feed, 0ms};
};

TEST_F(RedisReplicas, ABookThatIsNewIsNotBelievedBeforeALeaseIsOver)
{
    RedisReplicaBook slow(pool, feed, 200ms);
    for (std::uint64_t beat = 1; beat <= 2; ++beat) {
        const auto since = std::chrono::steady_clock::now();
        must(slow.report({"a", 1, beat}));
        while (!slow.replicas()) std::this_thread::yield();
        EXPECT_GE(std::chrono::steady_clock::now() - since, 200ms);
        EXPECT_TRUE(slow.replicas());
        // Somebody who reported to this one may not have come to the next one yet.
        ask("FLUSHALL");
    }
}

TEST_F(RedisReplicas, WhatWasHeardInAnotherHistoryCountsAsNothing)
{
    must(book.report({"a", 7, 1}));
    ask("HSET", "gatehouse:replicas", "of:b", "1 9 another-history");
    ask("HSET", "gatehouse:replicas", "of:c", "1 9 ");
    EXPECT_THAT(entries(), testing::UnorderedElementsAre("a 7", "b 0", "c 0"));
}

TEST_F(RedisReplicas, AFullServerTakesReports)
{
    must(book.report({"a", 7, 1}));
    ask("CONFIG", "SET", "maxmemory", 1);
    must(book.report({"a", 8, 2}));
    EXPECT_THAT(entries(), ElementsAre("a 8"));
    must(book.report({"b", 8, 1}));
    must(book.strike_out("b", 1));
    EXPECT_THAT(entries(), ElementsAre("a 8"));
    ask("CONFIG", "SET", "maxmemory", 0);
}

TEST_F(RedisReplicas, WhatOthersWroteThereIsNotGuessedAt)
{
    must(book.report({"a", 7, 1}));
    ask("HSET", "gatehouse:replicas", "other", "field");
    EXPECT_THAT(entries(), ElementsAre("a 7"));
    for (const auto* value : {"", "1", "x 1 h", "1 x h", "1 -1 h", "99999999999999999999 1 h"}) {
        ask("HSET", "gatehouse:replicas", "of:b", value);
        EXPECT_FALSE(book.replicas()) << value;
    }
    ask("HSET", "gatehouse:replicas", "of:b", "junk");
    EXPECT_FALSE(book.report({"b", 1, 1}));
    ask("HDEL", "gatehouse:replicas", "of:b");
    EXPECT_THAT(entries(), ElementsAre("a 7"));
}

/// As after a restart or a takeover: what is there is the same, and another history begins.
TEST(RedisReplicasHistory, ANewHistoryIsNotBelievedBeforeALeaseIsOver)
{
    Server server;
    Pool pool(server.place(), {.patience = 20s});
    RedisFeed feed(pool, 1h, 25ms);
    must(feed.standing({}));
    RedisReplicaBook book(pool, feed, 200ms);
    must(book.report({"a", 7, 1}));
    while (!book.replicas()) std::this_thread::yield();
    EXPECT_EQ(must(book.replicas()).entries.at(0).applied, 7U);
    server.kill();
    server.start();
    while (!pool.ask_one(Commands("PING"), Pool::Again::never)) std::this_thread::yield();
    const auto since = std::chrono::steady_clock::now();
    while (!book.replicas()) std::this_thread::yield();
    EXPECT_GE(std::chrono::steady_clock::now() - since, 200ms);
    EXPECT_EQ(must(book.replicas()).entries.at(0).applied, 0U);
    must(book.report({"a", 7, 2})); // still by a feed that has not heard of the new one
    EXPECT_EQ(must(book.replicas()).entries.at(0).applied, 0U);
    must(feed.standing({}));
    must(book.report({"a", 7, 3}));
    EXPECT_EQ(must(book.replicas()).entries.at(0).applied, 7U);
}

} // namespace
} // namespace gatehouse::auth::redis
