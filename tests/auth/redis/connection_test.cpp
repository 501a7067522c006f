#include "auth/redis/connection.hpp"
#include "tests/auth/redis/server.hpp"

#include <gmock/gmock.h>

#include <future>

/// Against a Redis of the test's own.
namespace gatehouse::auth::redis {
namespace {

using namespace std::chrono_literals;
using Kind = Reply::Kind;
using Steady = std::chrono::steady_clock;
using testing::HasSubstr;
using testing::Not;

class RedisConnection : public testing::Test {
protected:
    RedisConnection()
    {
        connection = server.connect();
        must(connection->ask_one(Commands("FLUSHALL"), late()));
    }

    ~RedisConnection() override
    {
        // Whatever a test did to the server.
        Commands commands("REPLICAOF", "NO", "ONE");
        commands.add("CONFIG", "SET", "maxmemory", 0).add("ACL", "DELUSER", "ada");
        const auto undone = Connection::open(server.place(), late());
        if (undone) static_cast<void>((*undone)->ask(commands, late()));
        static_cast<void>(connection->ask(commands, late()));
    }

    [[nodiscard]] Result<Reply, Failure> ask(const Commands& command) const
    {
        return connection->ask_one(command, late());
    }

    Server& server = Server::shared();
    std::unique_ptr<Connection> connection;
};

TEST_F(RedisConnection, AnswersComeInTheOrderOfTheQuestions)
{
    Commands commands;
    for (int i = 0; i < 1000; ++i) commands.add("ECHO", i);
    const auto replies = must(connection->ask(commands, late()));
    ASSERT_EQ(replies.size(), 1000U);
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(replies[i].text, std::to_string(i));
}

TEST_F(RedisConnection, AnErrorAmongTheAnswersConcernsNoneButItself)
{
    Commands commands("SET", "a", "text");
    commands.add("INCR", "a").add("NO SUCH COMMAND").add("GET", "a");
    const auto replies = must(connection->ask(commands, late()));
    ASSERT_EQ(replies.size(), 4U);
    EXPECT_TRUE(replies[1].is(Kind::error));
    EXPECT_TRUE(replies[2].is(Kind::error));
    EXPECT_EQ(replies[3].text, "text");
    EXPECT_TRUE(connection->is_good());
}

TEST_F(RedisConnection, SpeaksRESP3)
{
    const auto asked = [&](const char* script) {
        return must(ask(Commands("EVAL", std::string("redis.setresp(3) ") + script, 0)));
    };
    EXPECT_TRUE(asked("return redis.call('HGETALL', 'nothing')").is(Kind::map));
    EXPECT_TRUE(asked("return redis.call('GET', 'nothing')").is(Kind::null));
    EXPECT_EQ(must(ask(Commands("DEBUG", "PROTOCOL", "verbatim"))).text,
              "This is a verbatim\nstring");
    EXPECT_EQ(must(ask(Commands("DEBUG", "PROTOCOL", "double"))).text, "3.141");
    EXPECT_EQ(must(ask(Commands("DEBUG", "PROTOCOL", "bignum"))).text,
              "1234567999999999999999999999999999999");
    EXPECT_EQ(must(ask(Commands("DEBUG", "PROTOCOL", "true"))).kind, Kind::boolean);
    EXPECT_EQ(must(ask(Commands("DEBUG", "PROTOCOL", "set"))).kind, Kind::set);
    EXPECT_EQ(must(ask(Commands("DEBUG", "PROTOCOL", "map"))).items.size(), 6U);
}

TEST_F(RedisConnection, CarriesMoreThanAnyBufferHolds)
{
    const std::string large(1000 * 1000, '\n');
    Commands commands("SET", "a", large);
    for (int i = 0; i < 20; ++i) commands.add("GET", "a");
    const auto replies = must(connection->ask(commands, late()));
    for (int i = 1; i <= 20; ++i) EXPECT_EQ(replies[i].text, large);
}

TEST_F(RedisConnection, IsInItsDatabase)
{
    auto place = server.place();
    place.address.database = 5;
    const auto other = must(Connection::open(place, late()));
    must(other->ask_one(Commands("SET", "a", "5"), late()));
    EXPECT_TRUE(must(ask(Commands("GET", "a"))).is(Kind::null));
    EXPECT_EQ(must(other->ask_one(Commands("GET", "a"), late())).text, "5");
    place.address.database = 16; // there are 16
    EXPECT_EQ(trouble_in(Connection::open(place, late())), Trouble::refused);
}

TEST_F(RedisConnection, LogsInAsAUser)
{
    const std::string password = "a b\r\n\"'\\ \xc3\xa9";
    must(
        ask(Commands("ACL", "SETUSER", "ada", "on", ">" + password, "~a*", "&*", "+@all", "-set")));
    auto place = server.place();
    place.address.user = "ada";
    place.password = Secret(password);
    const auto ada = must(Connection::open(place, late()));
    EXPECT_EQ(must(ada->ask_one(Commands("ACL", "WHOAMI"), late())).text, "ada");
    EXPECT_EQ(trouble_in(ada->ask_one(Commands("GET", "b"), late())), Trouble::forbidden);
    EXPECT_EQ(trouble_in(ada->ask_one(Commands("SET", "a", "1"), late())), Trouble::forbidden);
    EXPECT_TRUE(ada->is_good());

    place.password = Secret("hunter2");
    const auto refused = Connection::open(place, late());
    EXPECT_EQ(trouble_in(refused), Trouble::wrong_password);
    EXPECT_THAT(refused.error().detail, Not(HasSubstr("hunter2")));
    place.address.user = "eve";
    EXPECT_EQ(trouble_in(Connection::open(place, late())), Trouble::wrong_password);
}

TEST_F(RedisConnection, NeedsThePasswordOfTheServer)
{
    const Server locked({"requirepass hunter2"});
    auto place = locked.place();
    EXPECT_EQ(trouble_in(Connection::open(place, late())), Trouble::needs_password);
    place.password = Secret("hunter");
    EXPECT_EQ(trouble_in(Connection::open(place, late())), Trouble::wrong_password);
    place.password = Secret("hunter2");
    must(Connection::open(place, late()));
}

TEST_F(RedisConnection, NamesWhatTheServerRefuses)
{
    EXPECT_EQ(trouble_in(ask(Commands("EVALSHA", std::string(40, 'f'), 0))), Trouble::no_script);
    must(ask(Commands("CONFIG", "SET", "maxmemory", 1)));
    EXPECT_EQ(trouble_in(ask(Commands("SET", "a", "1"))), Trouble::out_of_memory);
    const auto* const script = "return redis.call('SET', KEYS[1], '1')";
    EXPECT_EQ(trouble_in(ask(Commands("EVAL", script, 1, "a"))), Trouble::out_of_memory);
    must(ask(Commands("CONFIG", "SET", "maxmemory", 0)));
    must(ask(Commands("SET", "a", "1")));
    must(ask(Commands("REPLICAOF", "127.0.0.1", 1)));
    EXPECT_EQ(trouble_in(ask(Commands("SET", "a", "1"))), Trouble::read_only);
    EXPECT_EQ(trouble_in(ask(Commands("EVAL", script, 1, "a"))), Trouble::read_only);
    EXPECT_TRUE(connection->is_good());
}

TEST_F(RedisConnection, GoesToNoReplica)
{
    must(ask(Commands("REPLICAOF", "127.0.0.1", 1)));
    EXPECT_EQ(trouble_in(Connection::open(server.place(), late())), Trouble::read_only);
}

TEST_F(RedisConnection, WaitsForNobodyLongerThanItSays)
{
    server.freeze();
    for (const auto* word : {"asked before", "connecting"}) {
        SCOPED_TRACE(word);
        const auto began = Steady::now();
        const auto trouble = word[0] == 'a'
                                 ? trouble_in(connection->ask(Commands("PING"), began + 100ms))
                                 : trouble_in(Connection::open(server.place(), began + 100ms));
        EXPECT_EQ(trouble, Trouble::timed_out);
        EXPECT_GE(Steady::now() - began, 100ms);
        EXPECT_LT(Steady::now() - began, 10s);
    }
    server.thaw();
    // The answer may come now: it must be nobody's.
    EXPECT_FALSE(connection->is_good());
    EXPECT_EQ(trouble_in(connection->ask(Commands("PING"), late())), Trouble::lost);
}

TEST_F(RedisConnection, WritesToNobodyLongerThanItSays)
{
    server.freeze();
    // More than the kernel keeps for both.
    const Commands huge("ECHO", std::string(64 * 1000 * 1000, 'a'));
    const auto began = Steady::now();
    const auto asked = connection->ask(huge, began + 200ms);
    server.thaw();
    EXPECT_EQ(trouble_in(asked), Trouble::timed_out);
    EXPECT_LT(Steady::now() - began, 10s);
}

TEST_F(RedisConnection, AKilledServerIsALossInTheMiddleOfAPipeline)
{
    Server mortal;
    const auto asker = mortal.connect();
    const auto watcher = mortal.connect();
    auto asked = std::async(std::launch::async, [&] {
        Commands commands("INCR", "before");
        commands.add("BLPOP", "never", 0).add("INCR", "after");
        return asker->ask(commands, late());
    });
    const auto is_amid = [&] {
        const auto clients = must(watcher->ask_one(Commands("INFO", "clients"), late()));
        return clients.text.find("blocked_clients:1") != std::string::npos;
    };
    while (!is_amid()) {
    }
    mortal.kill();
    EXPECT_EQ(trouble_in(asked.get()), Trouble::lost);
    EXPECT_FALSE(asker->is_good());

    mortal.start();
    const auto fresh = mortal.connect();
    EXPECT_EQ(must(fresh->ask_one(Commands("GET", "before"), late())).text, "1");
    EXPECT_TRUE(must(fresh->ask_one(Commands("GET", "after"), late())).is(Kind::null));
}

TEST_F(RedisConnection, RefusesAReplyThatIsTooLarge)
{
    must(ask(Commands("SET", "a", std::string(2 * 1024 * 1024, 'a'))));
    EXPECT_EQ(trouble_in(ask(Commands("GET", "a"))), Trouble::garbled);
    EXPECT_FALSE(connection->is_good());
}

TEST_F(RedisConnection, KeepsMessagesApartFromAnswers)
{
    Commands listen;
    listen.add_answered_by_push("SUBSCRIBE", "news").add("PING");
    EXPECT_EQ(must(connection->ask(listen, late())).size(), 1U);
    const auto subscribed = must(connection->next_push(late()));
    EXPECT_EQ(subscribed->items.front().text, "subscribe");
    EXPECT_FALSE(must(connection->next_push(Steady::now() + 1ms)));

    const auto other = server.connect();
    for (int i = 0; i < 100; ++i) must(other->ask_one(Commands("PUBLISH", "news", i), late()));
    EXPECT_EQ(must(ask(Commands("ECHO", "amid"))).text, "amid");
    for (int i = 0; i < 100; ++i) {
        const auto message = must(connection->next_push(late()));
        EXPECT_TRUE(message->is(Kind::push));
        EXPECT_EQ(message->items.back().text, std::to_string(i));
    }
}

TEST_F(RedisConnection, AListenerHearsOfTheEnd)
{
    const auto id = must(ask(Commands("CLIENT", "ID"))).integer;
    const auto other = server.connect();
    must(other->ask_one(Commands("CLIENT", "KILL", "ID", id), late()));
    EXPECT_EQ(trouble_in(connection->next_push(late())), Trouble::lost);
    EXPECT_FALSE(connection->is_good());
}

TEST_F(RedisConnection, FindsNobodyWhereNobodyIs)
{
    auto place = server.place();
    place.address.port = 1;
    EXPECT_EQ(trouble_in(Connection::open(place, late())), Trouble::unreachable);
    place.address.host = "no-such-host.invalid";
    EXPECT_EQ(trouble_in(Connection::open(place, late())), Trouble::unreachable);
}

} // namespace
} // namespace gatehouse::auth::redis
