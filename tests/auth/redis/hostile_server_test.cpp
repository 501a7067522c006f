#include "tests/auth/redis/impostor.hpp"
#include "tests/auth/redis/server.hpp"

#include <gmock/gmock.h>

/// Somebody who is no Redis, or no longer one.
namespace gatehouse::auth::redis {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;
using testing::HasSubstr;
using testing::Not;

TEST(HostileRedis, AGreetingThatIsNoneIsRefused)
{
    const struct {
        const char* name;
        std::string says;
        Trouble trouble;
    } rows[] = {
        {"an HTTP server",   "HTTP/1.1 400 Bad Request\r\n\r\n",                            Trouble::garbled  },
        {"RESP2",            "*2\r\n$5\r\nproto\r\n:2\r\n+PONG\r\n",                        Trouble::garbled  },
        {"no map",           "+OK\r\n+PONG\r\n",                                            Trouble::garbled  },
        {"another protocol", "%2\r\n+proto\r\n:4\r\n+role\r\n+master\r\n+PONG\r\n",
         Trouble::garbled                                                                                     },
        {"no role",          "%1\r\n+proto\r\n:3\r\n+PONG\r\n",                             Trouble::read_only},
        {"a replica",        "%2\r\n+proto\r\n:3\r\n+role\r\n+replica\r\n+PONG\r\n",        Trouble::read_only},
        {"one that loads",   "%2\r\n+proto\r\n:3\r\n+role\r\n+master\r\n-LOADING wait\r\n",
         Trouble::loading                                                                                     },
        {"one too old",      "-ERR unknown command `HELLO`\r\n+PONG\r\n",                   Trouble::refused  },
        {"one that is full", "-ERR max number of clients reached\r\n",                      Trouble::refused  },
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        const Impostor impostor({row.says}, true);
        EXPECT_EQ(trouble_in(Connection::open(impostor.place(), late())), row.trouble);
    }
}

TEST(HostileRedis, APasswordThatIsSaidBackGoesNoFurther)
{
    // As Redis 5 does.
    const Impostor impostor({"-ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, "
                             "`default`, `hunter2`, \r\n-NOAUTH hunter2\r\n"});
    auto place = impostor.place();
    place.password = Secret("hunter2");
    const auto opened = Connection::open(place, late());
    EXPECT_EQ(trouble_in(opened), Trouble::refused);
    EXPECT_THAT(opened.error().detail, HasSubstr("Redis 6"));
    EXPECT_THAT(opened.error().detail, Not(HasSubstr("hunter2")));
}

TEST(HostileRedis, AnAnswerThatNobodyAskedForIsNobodysAnswer)
{
    const struct {
        const char* name;
        const char* first; // the answer, and what comes right behind it
        const char* then;  // to the next question
    } rows[] = {
        {"whole",         "+one\r\n+stolen\r\n", "+two\r\n"       },
        {"in two pieces", "+one\r\n+sto",        "len\r\n+two\r\n"},
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        const Impostor impostor({welcome, row.first, row.then});
        const auto connection = must(Connection::open(impostor.place(), late()));
        EXPECT_EQ(must(connection->ask_one(Commands("ECHO", "one"), late())).text, "one");
        const auto second = connection->ask_one(Commands("ECHO", "two"), late());
        if (second) EXPECT_NE(second->text, "stolen");
        EXPECT_FALSE(second);
    }
}

TEST(HostileRedis, AMessageFloodEnds)
{
    std::string flood;
    for (int i = 0; i < 5000; ++i) flood += ">1\r\n+a\r\n";
    const Impostor impostor({welcome, flood + "+one\r\n"});
    const auto connection = must(Connection::open(impostor.place(), late()));
    EXPECT_EQ(trouble_in(connection->ask(Commands("ECHO", "one"), late())), Trouble::garbled);
}

TEST(HostileRedis, AnAnswerThatNeverEndsIsWaitedForNoLonger)
{
    const Impostor impostor({welcome, "$5\r\nhal"});
    const auto connection = must(Connection::open(impostor.place(), late()));
    const auto began = Steady::now();
    EXPECT_EQ(trouble_in(connection->ask(Commands("PING"), began + 50ms)), Trouble::timed_out);
    EXPECT_LT(Steady::now() - began, 10s);
    EXPECT_FALSE(connection->is_good());
}

TEST(HostileRedis, HalfAnAnswerIsNone)
{
    const Impostor impostor({welcome, "+one\r\n$5\r\nhal"}, true);
    const auto connection = must(Connection::open(impostor.place(), late()));
    Commands commands("ECHO", "one");
    commands.add("ECHO", "hallo");
    EXPECT_EQ(trouble_in(connection->ask(commands, late())), Trouble::lost);
}

TEST(HostileRedis, MoreThanWeTakeIsNotWaitedFor)
{
    const Impostor impostor({welcome, "$999999999999\r\n"}); // and then nothing
    const auto connection = must(Connection::open(impostor.place(), late()));
    EXPECT_EQ(trouble_in(connection->ask(Commands("GET", "a"), late())), Trouble::garbled);
}

} // namespace
} // namespace gatehouse::auth::redis
