#include "auth/store/redis/fitness.hpp"
#include "auth/store/redis/open.hpp"
#include "tests/auth/redis/impostor.hpp"
#include "tests/auth/redis/server.hpp"

#include <gmock/gmock.h>

/// Which servers sessions are put into, and what the others are told.
namespace gatehouse::auth::redis {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

/// What is wrong with the server; empty: nothing.
[[nodiscard]] std::string fault_of(const Place& place, bool accept_data_loss)
{
    const auto connection = must(Connection::open(place, late()));
    const auto fit = require_fit(*connection, accept_data_loss, late());
    if (fit) return {};
    EXPECT_EQ(fit.error().trouble, Trouble::unfit);
    return fit.error().detail;
}

TEST(RedisFitness, OnlyAServerThatKeepsWhatItSaidWillDo)
{
    const struct {
        std::vector<std::string> settings;
        const char* strictly; // what is told, unless data loss is accepted
        const char* anyway;   // what is told even then
    } rows[] = {
        {{},                                                             "",                                            ""                  },
        {{"maxmemory-policy allkeys-lru"},                               "maxmemory-policy is allkeys-lru",             "must be noeviction"},
        {{"maxmemory-policy volatile-ttl"},
         "maxmemory-policy is volatile-ttl",                                                                            "must be noeviction"},
        {{"appendonly no"},                                              "appendonly is no and must be yes",            ""                  },
        {{"appendfsync everysec"},                                       "appendfsync is everysec and must be always",  ""                  },
        // Settings that nobody may ask for: INFO tells some of them.
        {{"rename-command CONFIG \"\""},                                 "does not tell whether appendfsync is always", ""                  },
        {{"rename-command CONFIG \"\"", "appendonly no"},                "appendonly is no and must be yes",            ""                  },
        {{"rename-command CONFIG \"\"", "maxmemory-policy allkeys-lru"},
         "maxmemory-policy is allkeys-lru",                                                                             "must be noeviction"},
        {{"rename-command CONFIG \"\"", "rename-command INFO \"\""},
         "does not tell whether maxmemory-policy is noeviction",                                                        ""                  },
        {{"rename-command CONFIG \"\"", "rename-command INFO \"\""},
         "does not tell whether appendonly is yes",                                                                     ""                  },
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(testing::PrintToString(row.settings));
        const Server server(row.settings);
        const auto strictly = fault_of(server.place(), false);
        EXPECT_THAT(strictly, HasSubstr(row.strictly));
        EXPECT_EQ(strictly.empty(), std::string_view(row.strictly).empty());
        const auto anyway = fault_of(server.place(), true);
        EXPECT_THAT(anyway, HasSubstr(row.anyway));
        EXPECT_EQ(anyway.empty(), std::string_view(row.anyway).empty());
    }
}

TEST(RedisFitness, TellsAllThatIsWrongAtOnceAndTheWayOut)
{
    const Server server({"appendonly no", "appendfsync no"});
    EXPECT_THAT(fault_of(server.place(), false),
                AllOf(HasSubstr("appendonly is no"), HasSubstr("appendfsync is no"),
                      HasSubstr("redis.accept_data_loss: true")));
}

/// Four answers: to INFO, and to CONFIG GET of three names.
[[nodiscard]] std::string answers(const std::string& report)
{
    return "$" + std::to_string(report.size()) + "\r\n" + report +
           "\r\n%1\r\n+maxmemory-policy\r\n+noeviction\r\n%1\r\n+appendonly\r\n+yes\r\n"
           "%1\r\n+appendfsync\r\n+always\r\n";
}

TEST(RedisFitness, KnowsServersByWhatTheySayOfThemselves)
{
    const struct {
        const char* report;
        const char* says;
    } rows[] = {
        {"# Server\r\nredis_version:7.0.0\r\nredis_mode:standalone\r\n",            ""                  },
        {"# Server\r\nredis_version:10.2.1\r\nredis_mode:standalone\r\n",           ""                  },
        {"redis_version:7.2.4\r\nserver_name:valkey\r\nserver_mode:standalone\r\n", ""                  },
        {"redis_version:7.2.4\r\nserver_name:valkey\r\nserver_mode:cluster\r\n",    "runs as cluster"   },
        {"# Server\r\nredis_version:6.2.14\r\nredis_mode:standalone\r\n",           "it is Redis 6.2.14"},
        {"# Server\r\nredis_version:7.0.15\r\nredis_mode:sentinel\r\n",             "runs as sentinel"  },
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.report);
        const Impostor impostor({welcome, answers(row.report)});
        const auto fault = fault_of(impostor.place(), true);
        EXPECT_THAT(fault, HasSubstr(row.says));
        EXPECT_EQ(fault.empty(), std::string_view(row.says).empty());
    }
}

class OpeningRedis : public testing::Test {
protected:
    [[nodiscard]] static std::string url(const Server& server, const std::string& user = "")
    {
        return "redis://" + user + "127.0.0.1:" + std::to_string(server.place().address.port) +
               "/0";
    }

    /// What is said to who opens it so; empty: it was opened.
    [[nodiscard]] static std::string refusal(const std::string& url, StoreRole role,
                                             const config::RedisSettings& settings = {})
    {
        const auto opened = open(url, settings, role, {});
        return opened ? std::string() : opened.error();
    }
};

TEST_F(OpeningRedis, AGatewayMayStartBeforeItsServerAndACommandMayNot)
{
    Server server;
    const auto here = url(server);
    server.kill();
    EXPECT_EQ(refusal(here, StoreRole::gateway), "");
    EXPECT_THAT(refusal(here, StoreRole::command), StartsWith("redis://127.0.0.1:"));
    EXPECT_TRUE(problem_with(here, {}));
    const auto waiting = *open(here, {}, StoreRole::gateway, {});
    EXPECT_TRUE(waiting->is_down());
    server.start();
    const auto began = std::chrono::steady_clock::now();
    while (waiting->is_down() && std::chrono::steady_clock::now() - began < 10s) {
        std::this_thread::sleep_for(5ms); // between two looks
    }
    EXPECT_EQ(must(waiting->ask_one(Commands("PING"), Pool::Again::never)).text, "PONG");
    EXPECT_EQ(problem_with(here, {}), std::nullopt);
}

TEST_F(OpeningRedis, WhoeverAnswersAndWillNotDoIsRefusedAtOnce)
{
    const Server lossy({"appendonly no"});
    const Server locked({"requirepass hunter2"});
    const Server replica({"replicaof 127.0.0.1 1", "appendfsync always"});
    config::RedisSettings wrong;
    wrong.password = Secret("hunter3");
    for (const auto role : {StoreRole::gateway, StoreRole::command}) {
        EXPECT_THAT(refusal(url(lossy), role), HasSubstr("appendonly is no"));
        EXPECT_THAT(refusal(url(locked), role), HasSubstr("needs_password"));
        EXPECT_THAT(refusal(url(locked), role, wrong), HasSubstr("wrong_password"));
        EXPECT_THAT(refusal(url(replica), role), HasSubstr("is a replica"));
        EXPECT_THAT(refusal("redis://h:0", role), HasSubstr("bad port"));
    }
    EXPECT_THAT(problem_with(url(lossy), {}).value_or(""), HasSubstr("appendonly is no"));
    EXPECT_THAT(problem_with(url(replica), {}).value_or(""), HasSubstr("is a replica"));
    config::RedisSettings right;
    right.password = Secret("hunter2");
    EXPECT_EQ(refusal(url(locked), StoreRole::command, right), "");
    config::RedisSettings accepting;
    accepting.accept_data_loss = true;
    EXPECT_EQ(refusal(url(lossy), StoreRole::command, accepting), "");
}

TEST_F(OpeningRedis, AGatewayWaitsForAServerThatHasNoRoomOrIsBusyWithAScript)
{
    Server server({"maxclients 2", "busy-reply-threshold 1"});
    const auto here = url(server);
    const auto operators = server.connect();
    {
        const auto other = server.connect();
        EXPECT_EQ(refusal(here, StoreRole::gateway), "");
        EXPECT_THAT(refusal(here, StoreRole::command), HasSubstr("no room for one more client"));
    }
    must(operators->ask_one(Commands("CONFIG", "SET", "maxclients", "100"), late()));
    const auto busy = server.connect();
    const auto soon = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
    EXPECT_FALSE(busy->ask_one(Commands("EVAL", "while true do end", "0"), soon));
    EXPECT_EQ(refusal(here, StoreRole::gateway), "");
    EXPECT_THAT(refusal(here, StoreRole::command), HasSubstr("busy"));
    must(operators->ask_one(Commands("SCRIPT", "KILL"), late()));
}

TEST_F(OpeningRedis, AServerThatIsNoLongerFitIsLeftAlone)
{
    Server server;
    const auto pool = *open(url(server), {}, StoreRole::gateway, {});
    must(pool->ask_one(Commands("PING"), Pool::Again::never));
    must(server.connect()->ask_one(Commands("CONFIG", "SET", "appendfsync", "everysec"), late()));
    // Whoever is connected goes on; the next connection finds out.
    must(server.connect()->ask_one(Commands("CLIENT", "KILL", "TYPE", "normal"), late()));
    const auto began = std::chrono::steady_clock::now();
    auto trouble = Trouble::lost;
    while (trouble != Trouble::unfit && std::chrono::steady_clock::now() - began < 10s) {
        const auto answer = pool->ask_one(Commands("PING"), Pool::Again::never);
        trouble = answer ? Trouble::lost : answer.error().trouble;
    }
    EXPECT_EQ(trouble, Trouble::unfit);
}

TEST_F(OpeningRedis, SaysWhyCallsFail)
{
    Server server;
    std::mutex mutex;
    std::string said;
    const auto pool = *open(url(server), {}, StoreRole::gateway, {}, [&](auto why, std::uint64_t) {
        const std::scoped_lock lock(mutex);
        said = why;
    });
    server.kill();
    EXPECT_FALSE(pool->ask_one(Commands("PING"), Pool::Again::never));
    const std::scoped_lock lock(mutex);
    EXPECT_THAT(said, StartsWith("Redis: "));
}

} // namespace
} // namespace gatehouse::auth::redis
