#include "auth/store/postgres/mistakes.hpp"
#include "auth/store/postgres/open.hpp"
#include "tests/auth/store/postgres/hearing.hpp"
#include "tests/auth/store/postgres/pooler.hpp"
#include "tests/auth/store/together.hpp"

#include <gmock/gmock.h>

#include <atomic>

/// What is different behind a pooler that gives each transaction another session. That everything
/// else is the same is said by the contract, which every store keeps through a pgbouncer too.
namespace gatehouse::auth::postgres {
namespace {

using contract::must;
using contract::noon;
using contract::session_of;
using contract::user_called;
using namespace std::chrono_literals;
using testing::HasSubstr;

class PooledPostgres : public testing::Test {
protected:
    static void SetUpTestSuite() { server = std::make_unique<Server>(); }

    static void TearDownTestSuite() { server.reset(); }

    PooledPostgres() { server->execute("DROP SCHEMA IF EXISTS gatehouse CASCADE"); }

    [[nodiscard]] static Place behind(const Pooler& pooler, std::string feed_url = {})
    {
        return {.url = pooler.url(), .transaction_pooling = true, .feed_url = std::move(feed_url)};
    }

    [[nodiscard]] static std::unique_ptr<Store> open_store(const Place& place,
                                                           PoolLimits limits = {.patience = 20s},
                                                           std::chrono::milliseconds poll = 25ms)
    {
        auto opened = open(place, StoreRole::gateway, limits, poll);
        if (!opened) throw std::runtime_error(opened.error());
        return std::move(*opened);
    }

    static inline std::unique_ptr<Server> server;
};

TEST_F(PooledPostgres, NothingIsLeftInASessionThatOthersUse)
{
    const Pooler pooler(*server, "transaction", 1);
    const auto store = open_store(behind(pooler));
    must(store->create_user(user_called("u1", "ada"), {}, noon));
    must(store->create_session(session_of("u1", "s1"), {}, noon));
    EXPECT_TRUE(must(store->find_session("s1")));
    EXPECT_TRUE(must(store->end_session("s1", noon)));
    static_cast<void>(store->wait_for_changes(0ms));
    Connection other(pooler.url()); // there is one session: theirs

    const struct {
        const char* question;
        const char* answer;
    } rows[] = {
        {"SELECT count(*) FROM pg_prepared_statements",  "0"},
        {"SHOW statement_timeout",                       "0"},
        {"SHOW lock_timeout",                            "0"},
        {"SHOW idle_in_transaction_session_timeout",     "0"},
        {"SELECT count(*) FROM pg_listening_channels()", "0"},
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.question);
        auto answer = other.execute(row.question);
        ASSERT_TRUE(answer.next());
        EXPECT_EQ(answer.text(0), row.answer);
    }
}

TEST_F(PooledPostgres, EveryTransactionHasItsTimeouts)
{
    const Pooler pooler(*server);
    const auto patient = open_store(behind(pooler));
    must(patient->create_user(user_called("u1", "ada"), {}, noon));
    Connection other(server->url());
    other.execute("BEGIN; LOCK TABLE gatehouse.users");
    const auto store = open_store(behind(pooler), {.patience = 8s});
    const std::pair<const char*, std::function<bool()>> calls[] = {
        {"a statement", [&] { return store->find_user("u1").has_value(); }       },
        {"a snapshot",  [&] { return store->list_users("", 10).has_value(); }    },
        {"a write",     [&] { return store->block_user("u1", noon).has_value(); }},
    };
    contract::together(std::size(calls), [&](int number) {
        const auto& [name, call] = calls[number];
        const auto began = Steady::now();
        EXPECT_FALSE(call()) << name;
        // The server's four seconds, not the eight of the watchdog, which would suspect the server.
        EXPECT_LT(Steady::now() - began, 7s) << name;
    });
    other.execute("ROLLBACK");
    EXPECT_TRUE(must(store->find_user("u1")));
}

TEST_F(PooledPostgres, ChangesAreAskedForWhereThereIsNoOtherWay)
{
    const Pooler pooler(*server);
    const auto store = open_store(behind(pooler));
    const auto other = open_store(behind(pooler));
    EXPECT_TRUE(is_told(*store, *other));
    const auto lazy = open_store(behind(pooler), {.patience = 20s}, 3s);
    EXPECT_TRUE(is_not_told(*lazy, *other));
}

TEST_F(PooledPostgres, ChangesAreToldOnTheWayPastThePooler)
{
    const Pooler pooler(*server);
    const auto store = open_store(behind(pooler, server->url()), {.patience = 20s}, 20s);
    const auto other = open_store(behind(pooler));
    EXPECT_TRUE(is_told(*store, *other));
}

TEST_F(PooledPostgres, WhileTheOtherWayIsClosedChangesAreAskedFor)
{
    const Pooler pooler(*server);
    Pooler way(*server, "session", 10); // a session of one's own: LISTEN works
    const auto other = open_store(behind(pooler));
    const auto store = open_store(behind(pooler, way.url()), {.patience = 20s}, 3s);
    EXPECT_TRUE(is_told(*store, *other));
    way.stop();
    EXPECT_TRUE(within(10s, [&] {
        must(other->announce_keys(noon));
        const auto heard = store->wait_for_changes(5s);
        return heard && *heard;
    }));
    EXPECT_TRUE(is_not_told(*store, *other));
    way.start();
    EXPECT_TRUE(is_told(*store, *other));
}

TEST_F(PooledPostgres, SaysWhyACallWasNotAnsweredThatThePoolerHeldBack)
{
    std::atomic<int> said = 0;
    const Pooler pooler(*server);
    auto opened = open(behind(pooler), StoreRole::gateway, {}, 10s,
                       [&](std::string_view, std::uint64_t) { ++said; });
    ASSERT_TRUE(opened) << opened.error();
    EXPECT_FALSE(must((*opened)->find_user("u1")));
    server->freeze();
    EXPECT_FALSE((*opened)->find_user("u1"));
    EXPECT_GE(said, 1);
    server->thaw();
}

TEST_F(PooledPostgres, ARestartOfThePoolerIsNoticedByNobodyForLong)
{
    Pooler pooler(*server);
    const auto store = open_store(behind(pooler));
    must(store->create_user(user_called("u1", "ada"), {}, noon));
    pooler.stop();
    EXPECT_FALSE(store->find_user("u1"));
    pooler.start();
    EXPECT_TRUE(within(10s, [&] { return store->find_user("u1").has_value(); }));
}

TEST_F(PooledPostgres, MistakesAreErrorsAtOnce)
{
    const Pooler pooler(*server);
    auto place = behind(pooler);
    place.url = pooler.url("nowhere");
    EXPECT_THAT(open(place, StoreRole::gateway).error(), HasSubstr("nowhere"));
    EXPECT_THAT(problem_with(place).value_or(""), HasSubstr("nowhere"));
    place = behind(pooler, server->url("mallory"));
    EXPECT_THAT(open(place, StoreRole::gateway).error(),
                HasSubstr("postgres.feed_url: postgres:///postgres: "));
    EXPECT_THAT(problem_with(place).value_or(""), HasSubstr("postgres.feed_url: "));
    EXPECT_EQ(problem_with(behind(pooler, server->url())), std::nullopt);
}

TEST_F(PooledPostgres, WantsAServerThatCanBeWrittenTo)
{
    const Pooler pooler(*server);
    server->set_read_only(true);
    EXPECT_THAT(problem_with(behind(pooler)).value_or(""), HasSubstr("read-only"));
    EXPECT_THAT(open(behind(pooler), StoreRole::command).error(), HasSubstr("read-only"));
    const auto early = open_store(behind(pooler));
    EXPECT_FALSE(early->find_user("u1"));
    server->set_read_only(false);
    EXPECT_TRUE(within(10s, [&] { return early->find_user("u1").has_value(); }));
}

TEST(FirstConnection, IsGivenUpForWhatOnlyAnOperatorCanPutRight)
{
    const struct {
        const char* says;
        bool mistake;
    } rows[] = {
        {"connection to server at \"10.0.0.1\", port 5432 failed: Connection refused",  false},
        {"could not translate host name \"db\" to address: Name or service not known",  false},
        {"connection to server failed: FATAL:  the database system is starting up",     false},
        {"FATAL:  server login has been failing, try again later (server_login_retry)", false},
        {"FATAL:  pgbouncer cannot connect to server",                                  false},
        {"SSL SYSCALL error: Connection reset by peer",                                 false},
        {"timeout expired",                                                             false},
        {"FATAL:  password authentication failed for user \"g\"",                       true },
        {"FATAL:  SASL authentication failed",                                          true },
        {"fe_sendauth: no password supplied",                                           true },
        {"FATAL:  role \"mallory\" does not exist",                                     true },
        {"FATAL:  server login failed: FATAL database \"x\" does not exist",            true },
        {"SSL error: certificate verify failed",                                        true },
        {"server certificate for \"db\" does not match host name \"10.0.0.1\"",         true },
        {"root certificate file \"/x.crt\" does not exist",                             true },
        {"server does not support SSL, but SSL was required",                           true },
        {"FATAL:  no pg_hba.conf entry for host \"10.0.0.1\", user \"g\"",              true },
        {"FATAL:  no such database: x",                                                 true },
        {"FATAL:  unsupported startup parameter: options",                              true },
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.says);
        EXPECT_EQ(is_a_mistake(row.says), row.mistake);
    }
}

} // namespace
} // namespace gatehouse::auth::postgres
