#include "auth/redis/pool.hpp"
#include "tests/auth/redis/server.hpp"
#include "tests/auth/store/together.hpp"

#include <gmock/gmock.h>

/// What callers see when the server is gone, frozen, restarted or no longer the primary: an answer
/// in time, and an end of it without anybody's help.
namespace gatehouse::auth::redis {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;
using Again = Pool::Again;

// 700 ms and what a busy machine adds to them. Who waits for such a server waits for ever.
constexpr auto about_a_second = 5s;

/// Between two looks at something that takes its time.
void look_again()
{
    std::this_thread::sleep_for(5ms);
}

class RedisPool : public testing::Test {
protected:
    static void SetUpTestSuite() { server = std::make_unique<Server>(); }

    static void TearDownTestSuite() { server.reset(); }

    RedisPool() : pool(server->place())
    {
        while (pool.first_failure() && pool.is_down()) look_again();
        must(pool.ask_one(Commands("FLUSHALL"), Again::harmless));
    }

    [[nodiscard]] static Trouble ask_in_time(Pool& asked)
    {
        const auto began = Steady::now();
        const auto trouble = trouble_in(asked.ask_one(Commands("INCR", "n"), Again::never));
        EXPECT_LT(Steady::now() - began, about_a_second);
        return trouble;
    }

    /// Asks until it is answered; the test fails by its own time if it never is.
    static void expect_recovery(Pool& asked)
    {
        const auto began = Steady::now();
        const auto well = [&] { return asked.ask_one(Commands("PING"), Again::never).has_value(); };
        while (!well() && Steady::now() - began < 10s) look_again();
        EXPECT_EQ(must(asked.ask_one(Commands("PING"), Again::never)).text, "PONG");
        EXPECT_FALSE(asked.is_down());
    }

    static inline std::unique_ptr<Server> server;
    Pool pool;
};

TEST_F(RedisPool, ManyCallersShareFewConnections)
{
    Pool small(server->place(), {.connections = 3, .patience = 20s});
    contract::together(16, [&](int) {
        for (int i = 0; i < 50; ++i) must(small.ask_one(Commands("INCR", "n"), Again::never));
    });
    EXPECT_EQ(must(pool.ask_one(Commands("GET", "n"), Again::harmless)).text, "800");
    const auto clients = must(pool.ask_one(Commands("INFO", "clients"), Again::harmless)).text;
    // Those three, and the one we ask by.
    const auto connected = clients.substr(clients.find("connected_clients:") + 18);
    EXPECT_LE(std::stoi(connected), 3 + 1);
}

TEST_F(RedisPool, AKilledServerIsSaidToBeGoneAndComesBackByItself)
{
    server->kill();
    EXPECT_EQ(ask_in_time(pool), Trouble::unreachable);
    EXPECT_TRUE(pool.is_down());
    EXPECT_EQ(ask_in_time(pool), Trouble::unreachable);
    server->start();
    expect_recovery(pool);
}

TEST_F(RedisPool, NothingAcknowledgedIsLostByACrash)
{
    for (int round = 0; round < 3; ++round) {
        const auto said = must(pool.ask_one(Commands("INCR", "n"), Again::never)).integer;
        server->kill();
        server->start();
        expect_recovery(pool);
        const auto kept = must(pool.ask_one(Commands("GET", "n"), Again::harmless)).text;
        EXPECT_EQ(kept, std::to_string(said));
    }
}

TEST_F(RedisPool, AFrozenServerHoldsNobodyForMoreThanASecond)
{
    server->freeze();
    contract::together(8, [&](int) {
        EXPECT_THAT(ask_in_time(pool), testing::AnyOf(Trouble::timed_out, Trouble::unreachable));
    });
    EXPECT_TRUE(pool.is_down());
    const auto began = Steady::now();
    for (int i = 0; i < 100; ++i) EXPECT_EQ(ask_in_time(pool), Trouble::timed_out);
    EXPECT_LT(Steady::now() - began,
              10s); // nobody waits for what is known: a hundred would take 70
    server->thaw();
    expect_recovery(pool);
}

TEST_F(RedisPool, AServerThatRefusesWritesIsCountedAndSaidToTakeNone)
{
    StoreMeter meter;
    Pool metered(server->place(), {.patience = 20s, .meter = &meter});
    const auto errors = [&] { return meter.of(StoreMeter::Kind::command).errors; };
    const auto trouble = [&](const Commands& command, Again again) {
        const auto before = errors();
        const auto answer = metered.ask_one(command, again);
        EXPECT_EQ(errors() - before, answer ? 0U : 1U);
        return answer ? "none" : std::string(to_string(answer.error().trouble));
    };
    const Commands write("INCR", "n");
    const Commands read("GET", "n");

    const struct {
        const char* name;
        const char* setting;
        const char* broken;
        const char* well;
        const char* trouble;
    } rows[] = {
        {"no room",     "maxmemory",             "1", "0", "out_of_memory"   },
        {"no replicas", "min-replicas-to-write", "1", "0", "too_few_replicas"},
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        must(pool.ask_one(Commands("CONFIG", "SET", row.setting, row.broken), Again::harmless));
        EXPECT_EQ(trouble(write, Again::never), row.trouble);
        EXPECT_EQ(trouble(read, Again::harmless), "none");
        EXPECT_FALSE(meter.takes_writes());
        must(pool.ask_one(Commands("CONFIG", "SET", row.setting, row.well), Again::harmless));
        EXPECT_EQ(trouble(write, Again::never), "none");
        EXPECT_TRUE(meter.takes_writes());
    }
}

TEST_F(RedisPool, NobodyNoticesThatIdleConnectionsWereClosed)
{
    for (int round = 0; round < 5; ++round) {
        const auto killer = server->connect();
        must(
            killer->ask_one(Commands("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"), late()));
        // In one piece with the next: what was closed may not have been seen to be.
        must(pool.ask_one(Commands("PING"), Again::harmless));
        must(pool.ask_one(Commands("INCR", "n"), Again::never));
    }
    EXPECT_EQ(must(pool.ask_one(Commands("GET", "n"), Again::harmless)).text, "5");
}

TEST_F(RedisPool, AsksAgainOnlyWhatIsHarmless)
{
    // The server closes the connection in the middle, when it has done some of it.
    const auto before = must(pool.ask_one(Commands("INCR", "n"), Again::never)).integer;
    Commands commands("INCR", "n");
    commands.add("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no");
    commands.add("PING");
    EXPECT_EQ(trouble_in(pool.ask(commands, Again::never)), Trouble::lost);
    const auto after = must(pool.ask_one(Commands("INCR", "n"), Again::never)).integer;
    EXPECT_EQ(after, before + 2);
}

TEST_F(RedisPool, ALoadingServerIsSaidToLoadAndIsAwaited)
{
    Server slow({"appendonly no", "key-load-delay 1000",
                 "loading-process-events-interval-bytes "
                 "1024"});
    Pool patient(slow.place());
    expect_recovery(patient);
    must(patient.ask_one(Commands("DEBUG", "POPULATE", 500, "key", 1024), Again::harmless));
    must(patient.ask_one(Commands("SAVE"), Again::harmless));
    slow.kill();
    slow.start();
    // The pool finds out by itself; a call may come in between.
    while (ask_in_time(patient) != Trouble::loading) look_again();
    expect_recovery(patient);
    EXPECT_EQ(must(patient.ask_one(Commands("DBSIZE"), Again::harmless)).integer, 500);
}

TEST_F(RedisPool, AServerThatBecameAReplicaIsLeftAlone)
{
    const auto other = server->connect();
    must(other->ask_one(Commands("REPLICAOF", "127.0.0.1", 1), late()));
    EXPECT_EQ(ask_in_time(pool), Trouble::read_only);
    EXPECT_TRUE(pool.is_down());
    // Also what a replica could answer: it may be behind.
    EXPECT_EQ(trouble_in(pool.ask_one(Commands("GET", "n"), Again::harmless)), Trouble::read_only);
    must(other->ask_one(Commands("REPLICAOF", "NO", "ONE"), late()));
    expect_recovery(pool);
}

TEST_F(RedisPool, AWrongPasswordIsSaidAtOnce)
{
    auto place = server->place();
    place.address.user = "nobody";
    place.password = Secret("hunter2");
    Pool stranger(std::move(place));
    ASSERT_TRUE(stranger.first_failure());
    EXPECT_EQ(stranger.first_failure()->trouble, Trouble::wrong_password);
    EXPECT_EQ(ask_in_time(stranger), Trouble::wrong_password);
}

} // namespace
} // namespace gatehouse::auth::redis
