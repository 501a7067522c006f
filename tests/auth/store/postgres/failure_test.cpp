#include "auth/store/postgres/open.hpp"
#include "tests/auth/store/postgres/hearing.hpp"
#include "tests/auth/store/postgres/server.hpp"
#include "tests/auth/store/together.hpp"

#include <gmock/gmock.h>

/// What callers see when the server is gone, frozen, restarted or cut off: an answer in time, and
/// an end of it without anybody's help.
namespace gatehouse::auth::postgres {
namespace {

using contract::must;
using contract::noon;
using contract::session_of;
using contract::user_called;
using namespace std::chrono_literals;

// 700 ms and what a busy machine adds to them.
constexpr auto about_a_second = 5s;

class PostgresFailure : public testing::Test {
protected:
    static void SetUpTestSuite() { server = std::make_unique<Server>(); }

    static void TearDownTestSuite() { server.reset(); }

    PostgresFailure()
    {
        server->execute("DROP SCHEMA IF EXISTS gatehouse CASCADE");
        const auto patient = open_store({.patience = 20s});
        must(patient->create_user(user_called("u1", "ada"), {}, noon));
        must(patient->create_session(session_of("u1", "s1"), {}, noon));
        store = open_store();
    }

    [[nodiscard]] static std::unique_ptr<Store> open_store(PoolLimits limits = {})
    {
        auto opened = open({.url = server->url()}, StoreRole::gateway, limits);
        if (!opened) throw std::runtime_error(opened.error());
        return std::move(*opened);
    }

    /// Every kind of call; each must say `unavailable`, and soon.
    void expect_unavailable() const
    {
        const std::pair<const char*, std::function<StoreError()>> calls[] = {
            {"find_user",     [&] { return error_of(store->find_user("u1")); }               },
            {"find_session",  [&] { return error_of(store->find_session("s1")); }            },
            {"end_session",   [&] { return error_of(store->end_session("s1", noon)); }       },
            {"create_user",
             [&] { return error_of(store->create_user(user_called("u2", "eve"), {}, noon)); }},
            {"changes_after", [&] { return error_of(store->changes_after(0, 10)); }          },
        };
        for (const auto& [name, call] : calls) {
            SCOPED_TRACE(name);
            const auto began = Steady::now();
            EXPECT_EQ(call(), StoreError::unavailable);
            EXPECT_LT(Steady::now() - began, about_a_second);
        }
    }

    /// Asks until it is answered; the test fails by its own time if it never is.
    void expect_recovery() const
    {
        const auto began = Steady::now();
        while (!store->find_user("u1") && Steady::now() - began < 10s) look_again();
        EXPECT_TRUE(store->find_user("u1"));
        EXPECT_TRUE(must(store->find_user("u1")));
        EXPECT_FALSE(must(store->find_user("u2")));
        EXPECT_FALSE(must(store->find_session("s1"))->ended_at);
        EXPECT_TRUE(must(store->end_session("s1", noon + 1s)));
    }

    static inline std::unique_ptr<Server> server;
    std::unique_ptr<Store> store;

private:
    template <class T>
    [[nodiscard]] static StoreError error_of(const Result<T, StoreError>& result)
    {
        if (result) throw std::runtime_error("it was answered");
        return result.error();
    }
};

TEST_F(PostgresFailure, AStoppedServerIsUnavailableAndComesBackByItself)
{
    server->stop();
    expect_unavailable();
    server->start();
    expect_recovery();
}

TEST_F(PostgresFailure, AFrozenServerHoldsNobodyForMoreThanASecond)
{
    server->freeze();
    expect_unavailable();
    server->thaw();
    // What the frozen server had received it may do now: the fate of those calls is open.
    const auto began = Steady::now();
    while (!store->find_user("u1") && Steady::now() - began < 10s) look_again();
    EXPECT_TRUE(must(store->find_user("u1")));
}

TEST_F(PostgresFailure, ManyCallersOfAFrozenServerAreAllAnsweredInTime)
{
    server->freeze();
    contract::together(32, [&](int) {
        const auto began = Steady::now();
        EXPECT_FALSE(store->find_user("u1"));
        EXPECT_LT(Steady::now() - began, about_a_second);
    });
    server->thaw();
}

TEST_F(PostgresFailure, NobodyNoticesThatIdleConnectionsWereClosed)
{
    // As after a restart, or by a firewall: the connection is dead before the call begins.
    store = open_store({.patience = 20s});
    for (int round = 0; round < 5; ++round) {
        server->close_connections();
        const auto id = "again" + std::to_string(round);
        must(store->create_user(user_called(id, id), {}, noon));
        server->close_connections();
        EXPECT_TRUE(must(store->find_user(id)));
    }
}

TEST_F(PostgresFailure, NothingAcknowledgedIsLostByACrash)
{
    store = open_store({.patience = 20s});
    for (int round = 0; round < 2; ++round) {
        const auto id = "kept" + std::to_string(round);
        must(store->create_user(user_called(id, id), {}, noon));
        must(store->create_session(session_of(id, id), {}, noon));
        must(store->end_session(id, noon + 1s));
        server->kill();
        server->start();
        auto fresh = open_store({.patience = 20s});
        EXPECT_TRUE(must(fresh->find_user(id)));
        EXPECT_EQ(must(fresh->find_session(id))->ended_at, noon + 1s);
    }
    EXPECT_EQ(must(open_store({.patience = 20s})->changes_after(0, 10)).size(), 2U);
}

TEST_F(PostgresFailure, AListenerMissesNothingWhileItsConnectionIsCut)
{
    store = open_store({.patience = 20s});
    const auto other = open_store({.patience = 20s});
    EXPECT_FALSE(must(store->wait_for_changes(0ms))); // listens now
    std::uint64_t seen = 0;
    for (int round = 0; round < 5; ++round) {
        server->close_connections();
        must(other->announce_keys(noon));
        // The dead connection may be noticed first: whoever follows a feed asks again then.
        const auto began = Steady::now();
        while (Steady::now() - began < 10s) {
            const auto heard = store->wait_for_changes(10s);
            if (heard && *heard) break;
        }
        const auto news = must(store->changes_after(seen, 10));
        ASSERT_EQ(news.size(), 1U);
        seen = news[0].sequence;
    }
}

TEST_F(PostgresFailure, AListenerIsToldAndDoesNotPoll)
{
    const auto listener = open_store({.patience = 20s});
    const auto writer = open_store({.patience = 20s});
    EXPECT_TRUE(is_told(*listener, *writer)); // it asks by itself once a second
}

TEST_F(PostgresFailure, ALockHeldByAnotherIsUnavailableForThisCallOnly)
{
    Connection other(server->url());
    other.execute("BEGIN; SELECT 1 FROM gatehouse.users WHERE id = '\\x7531' FOR UPDATE");
    const auto began = Steady::now();
    const auto blocked = store->block_user("u1", noon);
    ASSERT_FALSE(blocked);
    EXPECT_EQ(blocked.error(), StoreError::unavailable);
    EXPECT_LT(Steady::now() - began, about_a_second);
    EXPECT_TRUE(must(store->find_user("u1"))); // at once: the server is not suspected
    must(store->create_user(user_called("u2", "eve"), {}, noon));
    other.execute("ROLLBACK");
    must(store->block_user("u1", noon));
}

TEST_F(PostgresFailure, AGatewayMayStartBeforeItsServerAndACommandMayNot)
{
    server->stop();
    const auto early = open_store();
    EXPECT_FALSE(early->standing(noon));
    EXPECT_FALSE(open({.url = server->url()}, StoreRole::command));
    server->start();
    const auto began = Steady::now();
    while (!early->standing(noon) && Steady::now() - began < 10s) look_again();
    EXPECT_TRUE(must(early->find_user("u1")));
}

TEST_F(PostgresFailure, AServerThatTakesNoWritesIsUnavailableAndComesBackByItself)
{
    server->set_read_only(true);
    const auto began = Steady::now();
    EXPECT_FALSE(store->create_user(user_called("u2", "eve"), {}, noon));
    EXPECT_LT(Steady::now() - began, about_a_second);
    server->set_read_only(false);
    expect_recovery();
}

/// As after a failover that left the old server running and only took its writes away.
TEST_F(PostgresFailure, LeavesAServerThatTakesNoMoreWritesForOneThatDoes)
{
    const Server next;
    const Place both{.url = "postgres://gatehouse@/postgres?host=" + server->folder().string() +
                            "," + next.folder().string()};
    ASSERT_TRUE(open({.url = next.url()}, StoreRole::command)); // makes the tables
    auto opened = open(both, StoreRole::gateway, {.patience = 20s});
    ASSERT_TRUE(opened) << opened.error();
    store = std::move(*opened);
    while (must(store->wait_for_changes(0ms))) { // listens at the first one
    }
    EXPECT_TRUE(must(store->find_user("u1")));
    server->set_read_only(true);
    // Nobody writes: it is the listener who finds out, and a reader is not left behind either.
    const auto began = Steady::now();
    const auto moved = [&] {
        const auto found = store->find_user("u1");
        return found && !*found;
    };
    while (!moved() && Steady::now() - began < 10s)
        static_cast<void>(store->wait_for_changes(20ms));
    EXPECT_TRUE(moved());
    must(store->create_user(user_called("u3", "bob"), {}, noon));
    EXPECT_EQ(next.ask("SELECT count(*) FROM gatehouse.users"), "1");
    must(store->announce_keys(noon));
    while (!must(store->wait_for_changes(10s))) {
    }
    server->set_read_only(false);
}

} // namespace
} // namespace gatehouse::auth::postgres
