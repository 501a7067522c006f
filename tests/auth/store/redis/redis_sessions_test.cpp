#include "auth/store/redis/redis_sessions.hpp"
#include "tests/auth/redis/server.hpp"
#include "tests/auth/store/together.hpp"

#include <gmock/gmock.h>

#include <atomic>

/// What is Redis's own: epochs, what lies there for how long, and a server that forgets. The rest
/// is the shared contract's (two_stores.hpp).
namespace gatehouse::auth::redis {
namespace {

using contract::must;
using contract::noon;
using contract::refreshed;
using contract::session_of;
using contract::year;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class RedisSessionsTest : public testing::Test {
protected:
    RedisSessionsTest() { ask("FLUSHALL"); }

    template <class... Words>
    Reply ask(const Words&... words)
    {
        return redis::must(pool.ask_one(Commands(words...), Pool::Again::never));
    }

    void add(const std::string& user, const std::string& id)
    {
        must(sessions.create(session_of(user, id), {}, noon));
    }

    [[nodiscard]] bool rotate(std::string_view id, Generation from, Millis now = noon)
    {
        return must(sessions.rotate(id, from, refreshed(now), now));
    }

    [[nodiscard]] std::vector<std::string> live_ids(std::string_view user)
    {
        std::vector<std::string> ids;
        for (const auto& session : must(sessions.list(user, noon))) ids.push_back(session.id);
        return ids;
    }

    [[nodiscard]] bool lives(const std::string& id) { return !must(sessions.find(id))->ended_at; }

    Server& server = Server::shared();
    Pool pool{server.place(), {.patience = 20s}};
    RedisSessions sessions{pool, 1h};
};

TEST_F(RedisSessionsTest, OfManyRotationsOfOneGenerationOneHappens) // R41
{
    add("u1", "s1");
    for (Generation from = 1; from <= 20; ++from) {
        std::atomic<int> rotated = 0;
        contract::together(8, [&](int) { rotated += rotate("s1", from) ? 1 : 0; });
        EXPECT_EQ(rotated, 1);
    }
    EXPECT_EQ(must(sessions.find("s1"))->generation, 21U);
}

TEST_F(RedisSessionsTest, ANewEpochEndsWhatNobodyListed) // R43, R46
{
    add("u1", "s1");
    add("u1", "lost");
    add("u2", "other");
    // As after an eviction: the session is there, and the list knows nothing of it.
    ask("ZREM", "gatehouse:sessions:u1", "lost");
    EXPECT_THAT(must(sessions.end_all("u1", "", noon + 1s)), ElementsAre("s1"));
    EXPECT_FALSE(rotate("lost", 1));
    EXPECT_FALSE(lives("lost"));
    EXPECT_TRUE(rotate("other", 1));
    EXPECT_TRUE(lives("other"));

    add("u1", "s2"); // in the new epoch
    EXPECT_TRUE(rotate("s2", 1));
    EXPECT_FALSE(rotate("lost", 1));
    EXPECT_THAT(live_ids("u1"), ElementsAre("s2"));
}

TEST_F(RedisSessionsTest, TheSessionToKeepGoesOverToTheNewEpoch)
{
    for (const auto* id : {"s1", "s2"}) add("u1", id);
    for (int round = 1; round <= 3; ++round) {
        must(sessions.end_all("u1", "s2", noon + 1s));
        EXPECT_TRUE(rotate("s2", static_cast<Generation>(round)));
        EXPECT_TRUE(lives("s2"));
    }
    EXPECT_FALSE(rotate("s1", 1));
}

TEST_F(RedisSessionsTest, WhatHasEndedIsNotKept) // R43
{
    add("u1", "ended");
    must(sessions.end("ended", noon));
    add("u1", "stale");
    ask("SET", "gatehouse:epoch:u1", "a later one");
    for (const auto* id : {"ended", "stale"}) {
        SCOPED_TRACE(id);
        must(sessions.end_all("u1", id, noon));
        EXPECT_FALSE(rotate(id, 1));
        EXPECT_FALSE(lives(id));
        EXPECT_THAT(live_ids("u1"), IsEmpty());
    }
}

TEST_F(RedisSessionsTest, ALostEpochEndsAndRevivesNothing)
{
    add("u1", "s1");
    must(sessions.end_all("u1", "", noon));
    add("u1", "s2");
    ask("DEL", "gatehouse:epoch:u1");
    EXPECT_FALSE(rotate("s2", 1));
    EXPECT_THAT(live_ids("u1"), IsEmpty());
    add("u1", "s3");
    EXPECT_TRUE(rotate("s3", 1));
    for (const auto* id : {"s1", "s2"}) {
        EXPECT_FALSE(rotate(id, 1)) << id;
        EXPECT_FALSE(lives(id)) << id;
    }
    EXPECT_THAT(live_ids("u1"), ElementsAre("s3"));
}

TEST_F(RedisSessionsTest, AnEmptyServerKnowsNoSession)
{
    add("u1", "s1");
    ask("FLUSHALL");
    ask("SCRIPT", "FLUSH");
    EXPECT_FALSE(rotate("s1", 1));
    EXPECT_FALSE(must(sessions.find("s1")));
    EXPECT_FALSE(must(sessions.end("s1", noon)));
    EXPECT_THAT(must(sessions.end_all("u1", "", noon)), IsEmpty());
    add("u1", "s2");
    EXPECT_TRUE(rotate("s2", 1));
}

TEST_F(RedisSessionsTest, SessionsOfAnEarlierEpochTakeNoRoom)
{
    add("u1", "s1");
    ask("DEL", "gatehouse:epoch:u1");
    const SessionStore::Room one{.max_per_user = 1, .evict_oldest = false};
    must(sessions.create(session_of("u1", "s2"), one, noon));
    EXPECT_EQ(sessions.create(session_of("u1", "s3"), one, noon).error(),
              StoreError::too_many_sessions);
}

TEST_F(RedisSessionsTest, EachKeyLivesAsLongAsItIsNeeded)
{
    const auto gone_at = [&](const char* name) {
        return Millis{std::chrono::milliseconds{ask("PEXPIRETIME", name).integer}};
    };
    add("u1", "s1");
    auto brief = session_of("u1", "brief");
    brief.expires_at = noon + 10s;
    must(sessions.create(brief, {}, noon));
    EXPECT_EQ(gone_at("gatehouse:session:s1"), noon + year + 1h);
    EXPECT_EQ(gone_at("gatehouse:session:brief"), noon + 10s + 1h);
    EXPECT_EQ(gone_at("gatehouse:epoch:u1"), noon + year + 1h); // the longer of both
    EXPECT_EQ(gone_at("gatehouse:sessions:u1"), noon + year + 1h);

    ASSERT_TRUE(rotate("s1", 1, noon + 24h));
    for (const auto* name :
         {"gatehouse:session:s1", "gatehouse:epoch:u1", "gatehouse:sessions:u1"}) {
        EXPECT_EQ(gone_at(name), noon + 24h + year + 1h) << name;
    }
    must(sessions.end_all("u1", "brief", noon + 5s));
    EXPECT_EQ(gone_at("gatehouse:session:s1"), noon + 5s + 1h); // remembered a while
    EXPECT_EQ(gone_at("gatehouse:session:brief"), noon + 10s + 1h);
    EXPECT_EQ(gone_at("gatehouse:epoch:u1"), noon + 24h + year + 1h); // not shortened
    EXPECT_EQ(ask("DBSIZE").integer, 5);                              // with the feed
}

TEST_F(RedisSessionsTest, WhatOthersWroteThereIsNoSession)
{
    add("u1", "s1");
    for (const auto* field : {"user", "gen", "exp", "superseded", "delivery"}) {
        SCOPED_TRACE(field);
        const auto before = ask("HGET", "gatehouse:session:s1", field).text;
        ask("HSET", "gatehouse:session:s1", field, "1x");
        if (std::string_view(field) != "user") EXPECT_FALSE(sessions.find("s1"));
        if (std::string_view(field) == "user") EXPECT_FALSE(lives("s1"));
        ask("HSET", "gatehouse:session:s1", field, before);
        EXPECT_TRUE(lives("s1"));
    }
    ask("SET", "gatehouse:session:s2", "text");
    EXPECT_EQ(sessions.find("s2").error(), StoreError::unavailable);
    EXPECT_EQ(sessions.rotate("s2", 1, refreshed(noon), noon).error(), StoreError::unavailable);
}

TEST_F(RedisSessionsTest, AFullServerTakesNoMoreAndStillEndsSessions) // R43
{
    for (const auto* id : {"s1", "s2", "s3"}) add("u1", id);
    ask("CONFIG", "SET", "maxmemory", 1);
    EXPECT_EQ(sessions.create(session_of("u1", "s4"), {}, noon).error(), StoreError::unavailable);
    EXPECT_EQ(sessions.rotate("s1", 1, refreshed(noon), noon).error(), StoreError::unavailable);
    EXPECT_TRUE(must(sessions.end("s2", noon)));
    EXPECT_THAT(must(sessions.end_all("u1", "s1", noon)), ElementsAre("s3"));
    ask("CONFIG", "SET", "maxmemory", 0);
    EXPECT_TRUE(rotate("s1", 1)); // of what was refused nothing was half done
    EXPECT_THAT(live_ids("u1"), ElementsAre("s1"));
}

} // namespace
} // namespace gatehouse::auth::redis
