#include "auth/redis/pool.hpp"
#include "tests/auth/redis/server.hpp"
#include "tests/auth/store/together.hpp"

#include <gtest/gtest.h>

namespace gatehouse::auth::redis {
namespace {

TEST(RedisPoolThreads, EveryoneGetsTheirOwnAnswersWhileConnectionsDie)
{
    const Server server;
    Pool pool(server.place(), {.connections = 4, .patience = std::chrono::seconds(20)});
    contract::together(8, [&](int who) {
        for (int i = 0; i < 200; ++i) {
            const auto word = std::to_string(who) + " " + std::to_string(i);
            Commands commands("ECHO", word);
            commands.add("ECHO", word + "!");
            auto answered = pool.ask(commands, Pool::Again::harmless);
            // Killed while it was greeting, and the only one there was: said, and no answer at all.
            while (!answered && answered.error().trouble == Trouble::lost) {
                answered = pool.ask(commands, Pool::Again::harmless);
            }
            const auto replies = must(std::move(answered));
            EXPECT_EQ(replies[0].text, word);
            EXPECT_EQ(replies[1].text, word + "!");
            if (who == 0 && i % 20 == 0) {
                const auto killer = server.connect();
                must(killer->ask_one(Commands("CLIENT", "KILL", "TYPE", "normal"), late()));
            }
        }
    });
    EXPECT_FALSE(pool.is_down());
}

} // namespace
} // namespace gatehouse::auth::redis
