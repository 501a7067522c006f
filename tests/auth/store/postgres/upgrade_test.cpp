#include "auth/store/postgres/open.hpp"
#include "tests/auth/store/postgres/version_1.hpp"
#include "tests/auth/store/together.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <future>

/// From version 1 of the tables to the newest, while programs of both versions are at work.
namespace gatehouse::auth::postgres {
namespace {

using contract::must;
using contract::noon;
using contract::refreshed;
using contract::session_of;
using contract::user_called;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

class Upgrade : public testing::Test {
protected:
    Upgrade() { server.execute("DROP SCHEMA IF EXISTS gatehouse CASCADE"); }

    [[nodiscard]] auto try_open() const
    {
        return open({.url = server.url()}, StoreRole::command, {.patience = 20s});
    }

    [[nodiscard]] std::unique_ptr<Store> open_store() const
    {
        auto opened = try_open();
        if (!opened) throw std::runtime_error(opened.error());
        return std::move(*opened);
    }

    [[nodiscard]] std::string version() const
    {
        return server.ask("SELECT version || ' from ' || usable_from FROM gatehouse.schema");
    }

    /// Whether anything of version 2 is there.
    [[nodiscard]] bool has_new_tables() const
    {
        return server.ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'gatehouse' "
                          "AND tablename IN ('leases', 'kept_keys')") != "0";
    }

    /// Returns when a migration has come to the table that somebody else is just making.
    void wait_until_one_waits() const
    {
        while (server.ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                          "AND query LIKE '%CREATE TABLE gatehouse.kept_keys%'") == "0") {
            std::this_thread::yield();
        }
    }

    Server& server = Server::shared();
};

/// In the way of a migration, half way through: a table of it is made by somebody who does not
/// commit.
class Obstacle {
public:
    explicit Obstacle(const Server& server) : connection_(server.url())
    {
        connection_.execute("BEGIN; CREATE TABLE gatehouse.kept_keys (none INT)");
    }

    void clear() { connection_.execute("ROLLBACK"); }

private:
    Connection connection_;
};

TEST_F(Upgrade, BothVersionsServeOneStoreWhileTheTablesChange)
{
    constexpr int each = 60;
    Version1 first(server);
    first.register_user("u", "before");
    std::atomic<int> served_by_old = 0;
    std::atomic<bool> migrated = false;
    contract::together(3, [&](int i) {
        if (i == 2) {
            while (served_by_old < 5) std::this_thread::yield();
            must(open_store()->announce_keys(noon));
            migrated = true;
            return;
        }
        Version1 old(server); // also one that starts while the tables change
        for (int n = 0; n < each || !migrated; ++n) {
            const auto id = std::to_string(i) + "." + std::to_string(n);
            old.register_user(id, id);
            EXPECT_TRUE(old.refresh(id, 1)) << id;
            EXPECT_TRUE(old.log_out(id)) << id;
            EXPECT_FALSE(old.refresh(id, 2)) << id;
            ++served_by_old;
        }
    });
    EXPECT_EQ(version(), "9 from 1");

    // Each goes on with what the other did.
    const auto store = open_store();
    EXPECT_TRUE(must(store->rotate("before", 1, refreshed(noon), noon)));
    EXPECT_FALSE(first.refresh("before", 1));
    EXPECT_TRUE(first.refresh("before", 2));
    EXPECT_EQ(must(store->find_session("before"))->generation, 3U);
    EXPECT_THAT(must(store->find_session("before"))->amr, ElementsAre("pwd"));
    const auto heard = must(store->standing(noon)).sequence;
    EXPECT_TRUE(must(store->end_session("before", noon)));
    EXPECT_FALSE(first.refresh("before", 3));
    EXPECT_EQ(first.story(static_cast<std::int64_t>(heard)), "before ");
    EXPECT_EQ(must(store->changes_after(0, 100'000)).size(), heard + 1); // without gaps
    EXPECT_TRUE(must(store->take_lease("tidy", "a", noon, noon + 1s)));
    Version1 restarted(server);
    EXPECT_EQ(version(), "9 from 1"); // it left them so
}

TEST_F(Upgrade, ManyMigrateAtOnceAndOneDoesIt)
{
    for (int round = 0; round < 3; ++round) {
        server.execute("DROP SCHEMA IF EXISTS gatehouse CASCADE");
        Version1 old(server);
        old.register_user("u", "s");
        contract::together(8, [&](int i) {
            const auto store = open_store();
            EXPECT_TRUE(must(store->find_session("s")));
            EXPECT_TRUE(must(store->replace_keys(std::to_string(i), 0, "bytes", noon)));
        });
        EXPECT_EQ(version(), "9 from 1");
        EXPECT_EQ(server.ask("SELECT count(*) FROM gatehouse.kept_keys"), "8");
        EXPECT_TRUE(old.refresh("s", 1));
    }
}

TEST_F(Upgrade, AMigrationCutOffHalfWayLeavesTheOldVersionWhole)
{
    Version1 old(server);
    old.register_user("u", "s");
    Obstacle obstacle(server);
    auto opening = std::async(std::launch::async, [&] { return try_open().has_value(); });
    wait_until_one_waits();
    server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                   "WHERE wait_event_type = 'Lock'");
    EXPECT_FALSE(opening.get());
    EXPECT_TRUE(old.refresh("s", 1)); // beside the half-made tables
    obstacle.clear();
    EXPECT_EQ(version(), "1 from 1");
    EXPECT_FALSE(has_new_tables());

    EXPECT_TRUE(must(open_store()->find_session("s")));
    EXPECT_EQ(version(), "9 from 1");
    EXPECT_TRUE(old.refresh("s", 2));
}

TEST_F(Upgrade, AServerThatDiesHalfWayComesBackWithTheOldVersion)
{
    Server own;
    auto old = std::make_unique<Version1>(own);
    old->register_user("u", "s");
    auto obstacle = std::make_unique<Obstacle>(own);
    const auto place = Place{.url = own.url()};
    auto opening = std::async(std::launch::async, [&] {
        return open(place, StoreRole::command, {.patience = 20s}).has_value();
    });
    const std::string waiting = "SELECT count(*) FROM pg_stat_activity "
                                "WHERE wait_event_type = 'Lock'";
    while (own.ask(waiting) == "0") std::this_thread::yield();
    own.kill();
    EXPECT_FALSE(opening.get());
    obstacle.reset();
    own.start();
    EXPECT_EQ(own.ask("SELECT version FROM gatehouse.schema"), "1");
    EXPECT_EQ(own.ask("SELECT to_regclass('gatehouse.leases') IS NULL"), "t");
    old = std::make_unique<Version1>(own);
    EXPECT_TRUE(old->refresh("s", 1));
    EXPECT_TRUE(open(place, StoreRole::command, {.patience = 20s}));
    EXPECT_EQ(own.ask("SELECT version FROM gatehouse.schema"), "9");
}

TEST_F(Upgrade, WaitsForWhoIsInTheWayAndComesAgain)
{
    Version1 old(server);
    Obstacle obstacle(server);
    auto opening = std::async(std::launch::async, [&] { return try_open().has_value(); });
    wait_until_one_waits();
    obstacle.clear();
    EXPECT_TRUE(opening.get());
    EXPECT_EQ(version(), "9 from 1");
}

TEST_F(Upgrade, RefusesWhatANewerProgramMadeWhileItWaited)
{
    Version1 old(server);
    Connection newer(server.url());
    newer.execute("BEGIN; UPDATE gatehouse.schema SET version = 12, usable_from = 12");
    auto opening = std::async(std::launch::async, [&] {
        const auto opened = try_open();
        return opened ? "it opened" : opened.error();
    });
    while (server.ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                      "AND query LIKE '%gatehouse.schema FOR UPDATE%'") == "0") {
        std::this_thread::yield();
    }
    newer.execute("COMMIT");
    EXPECT_THAT(opening.get(), HasSubstr("newer Gatehouse (its version is 12"));
    EXPECT_EQ(version(), "12 from 12");
}

} // namespace
} // namespace gatehouse::auth::postgres
