#include "auth/store/postgres/open.hpp"
#include "tests/auth/store/postgres/server.hpp"
#include "tests/auth/store/together.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth::postgres {
namespace {

using contract::must;
using contract::noon;
using contract::session_of;
using contract::user_called;
using namespace std::chrono_literals;
using testing::AllOf;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;
using testing::Not;
using testing::StartsWith;

class OpenPostgres : public testing::Test {
protected:
    OpenPostgres() { server.execute("DROP SCHEMA IF EXISTS gatehouse CASCADE"); }

    [[nodiscard]] std::string sentence(const Place& place) const
    {
        const auto opened = open(place, StoreRole::gateway);
        return opened ? "it opened" : opened.error();
    }

    [[nodiscard]] std::unique_ptr<Store> open_store() const
    {
        auto opened = open({.url = server.url()}, StoreRole::gateway, {.patience = 20s});
        if (!opened) throw std::runtime_error(opened.error());
        return std::move(*opened);
    }

    [[nodiscard]] static Result<std::unique_ptr<Store>, std::string>
    open_store_named(const std::string& spec)
    {
        return auth::open_store(spec, StoreRole::command, {.postgres = {.connections = 2}});
    }

    Server& server = Server::shared();
};

TEST_F(OpenPostgres, ManyProcessesMakeTheTablesTogether)
{
    for (int round = 0; round < 3; ++round) {
        server.execute("DROP SCHEMA IF EXISTS gatehouse CASCADE");
        contract::together(8, [&](int i) {
            const auto store = open_store();
            const auto id = "u" + std::to_string(i);
            // With eight first connections at once a call may have to wait for its turn.
            must(store->create_user(user_called(id, id), {}, noon));
        });
        EXPECT_EQ(server.ask("SELECT count(*) FROM gatehouse.users"), "8");
        EXPECT_EQ(server.ask("SELECT count(*) FROM gatehouse.schema"), "1");
    }
}

TEST_F(OpenPostgres, GoesOnBesideANewerOneThatSaysItMay)
{
    must(open_store()->create_user(user_called("u1", "ada"), {}, noon));
    server.execute("UPDATE gatehouse.schema SET version = 9, usable_from = 1");
    EXPECT_TRUE(must(open_store()->find_user("u1")));
    EXPECT_EQ(server.ask("SELECT version FROM gatehouse.schema"), "9"); // and leaves it there
}

TEST_F(OpenPostgres, RefusesWhatANewerOneMadeUnusable)
{
    static_cast<void>(open_store());
    server.execute("UPDATE gatehouse.schema SET version = 1000, usable_from = 999");
    EXPECT_THAT(sentence({.url = server.url()}), HasSubstr("newer Gatehouse (its version is 1000"));
}

TEST_F(OpenPostgres, RefusesAServerThatForgetsWhatItAcknowledged)
{
    const auto careless = server.url() + "&options=-csynchronous_commit%3Doff";
    EXPECT_THAT(sentence({.url = careless}), HasSubstr("synchronous_commit = off"));
    EXPECT_EQ(sentence({.url = careless, .accept_data_loss = true}), "it opened");
    for (const auto* level : {"on", "local", "remote_write"}) {
        SCOPED_TRACE(level);
        const auto url = server.url() + "&options=-csynchronous_commit%3D" + level;
        EXPECT_EQ(sentence({.url = url}), "it opened");
    }
}

TEST_F(OpenPostgres, RefusesFsyncOff)
{
    const Server careless({"fsync=off"});
    EXPECT_THAT(sentence({.url = careless.url()}), HasSubstr("fsync = off"));
    EXPECT_EQ(sentence({.url = careless.url(), .accept_data_loss = true}), "it opened");
}

TEST_F(OpenPostgres, SaysWhatTheServerRefusesWithoutAnySecret)
{
    const struct {
        const char* name;
        std::string url;
        const char* says;
    } rows[] = {
        {"no such role",      server.url("mallory"),                 "\"mallory\" does not exist"},
        {"no such parameter", server.url() + "&sslmood=verify-full", "sslmood"                   },
        {"no such value",     server.url() + "&sslmode=verify",      "verify"                    },
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        const auto said = sentence({.url = row.url, .password = Secret("hunter2")});
        EXPECT_THAT(said, HasSubstr(row.says));
        EXPECT_THAT(said, Not(HasSubstr("hunter2")));
        EXPECT_THAT(said, Not(HasSubstr("%68")));
    }
}

TEST_F(OpenPostgres, TakesAnyTextAsPassword)
{
    static_cast<void>(open_store());
    const std::string password = "a b&c=d%20/@:?#'\"\\\xc3\xa9";
    // In SQL a quote is written twice.
    server.execute("DROP ROLE IF EXISTS keeper; CREATE ROLE keeper LOGIN SUPERUSER PASSWORD "
                   "'a b&c=d%20/@:?#''\"\\\xc3\xa9'");
    server.require_password("keeper");
    EXPECT_EQ(sentence({.url = server.url("keeper"), .password = Secret(password)}), "it opened");
    EXPECT_THAT(sentence({.url = server.url("keeper"), .password = Secret("no")}),
                HasSubstr("password authentication failed"));
    EXPECT_THAT(sentence({.url = server.url("keeper"), .password = {}}), HasSubstr("password"));
}

TEST_F(OpenPostgres, WantsAServerThatCanBeWrittenTo)
{
    const auto read_only = server.url() + "&options=-cdefault_transaction_read_only%3Don";
    EXPECT_THAT(sentence({.url = read_only}), HasSubstr("read-only"));
}

TEST_F(OpenPostgres, ALookFindsWhatIsWrongAndMakesNothing)
{
    EXPECT_EQ(problem_with({.url = server.url()}), std::nullopt);
    EXPECT_EQ(server.ask("SELECT count(*) FROM pg_namespace WHERE nspname = 'gatehouse'"), "0");
    static_cast<void>(open_store());
    EXPECT_EQ(problem_with({.url = server.url()}), std::nullopt);
    EXPECT_THAT(problem_with({.url = server.url("mallory")}).value_or(""),
                HasSubstr("does not exist"));
    const auto careless = server.url() + "&options=-csynchronous_commit%3Doff";
    EXPECT_THAT(problem_with({.url = careless}).value_or(""), HasSubstr("synchronous_commit"));
    server.execute("UPDATE gatehouse.schema SET version = 1000, usable_from = 999");
    EXPECT_THAT(problem_with({.url = server.url()}).value_or(""), HasSubstr("newer Gatehouse"));
}

TEST_F(OpenPostgres, TriesTheNextHost)
{
    const auto url = server.url();
    const auto folder = url.substr(url.find("host=") + 5);
    const auto several = "postgres://gatehouse@/postgres?host=/nowhere," + folder;
    EXPECT_EQ(sentence({.url = several}), "it opened");
}

TEST_F(OpenPostgres, ARowThatEscapedItsBlockDoesNotRotate) // R46
{
    const auto store = open_store();
    must(store->create_user(user_called("u1", "ada"), {}, noon));
    must(store->create_session(session_of("u1", "s1"), {}, noon));
    server.execute("UPDATE gatehouse.users SET blocked = true");
    EXPECT_FALSE(must(store->rotate("s1", 1, contract::refreshed(noon), noon)));
    server.execute("UPDATE gatehouse.users SET blocked = false");
    EXPECT_TRUE(must(store->rotate("s1", 1, contract::refreshed(noon), noon)));
}

TEST_F(OpenPostgres, IsWhatTheSettingsNameByItsUrl)
{
    const auto opened = open_store_named(server.url());
    ASSERT_TRUE(opened) << opened.error();
    must((*opened)->create_user(user_called("u1", "ada"), {}, noon));
    EXPECT_EQ(server.ask("SELECT count(*) FROM gatehouse.users"), "1");
    EXPECT_THAT(open_store_named(server.url("mallory")).error(), StartsWith("store: postgres://"));
}

TEST_F(OpenPostgres, KeepsToItsNumberOfConnections)
{
    const auto since = server.ask("SELECT clock_timestamp()"); // stores of other tests may last
    auto opened =
        open({.url = server.url()}, StoreRole::gateway, {.connections = 3, .patience = 60s});
    ASSERT_TRUE(opened);
    const auto& store = *opened;
    must(store->create_user(user_called("u1", "ada"), {}, noon));
    contract::together(16, [&](int) {
        for (int i = 0; i < 20; ++i) EXPECT_TRUE(must(store->find_user("u1")));
    });
    const auto connected = std::stoi(server.ask("SELECT count(*) FROM pg_stat_activity WHERE "
                                                "application_name = 'gatehouse' AND "
                                                "backend_start >= '" +
                                                since + "'"));
    EXPECT_THAT(connected, AllOf(Ge(1), Le(3)));
}

} // namespace
} // namespace gatehouse::auth::postgres
