#include "auth/redis/commands.hpp"
#include "auth/redis/failure.hpp"
#include "auth/redis/reply_reader.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth::redis {
namespace {

using namespace std::string_literals;

TEST(RedisCommands, WritesWordsByTheirLength)
{
    EXPECT_EQ(Commands("GET", "a").bytes(), "*2\r\n$3\r\nGET\r\n$1\r\na\r\n");
    EXPECT_EQ(Commands("SET", "", -7).bytes(), "*3\r\n$3\r\nSET\r\n$0\r\n\r\n$2\r\n-7\r\n");
}

TEST(RedisCommands, AWordIsOneWordWhateverIsInIt)
{
    const std::string words[] = {"\r\n*1\r\n$8\r\nFLUSHALL\r\n", "a\0b"s, "\"", "\xff"};
    Commands listed;
    listed.add_words(words);
    ReplyReader reader; // a command is a list of texts
    auto bytes = listed.bytes();
    const auto read = reader.take(bytes);
    ASSERT_TRUE(read && *read);
    EXPECT_EQ(bytes, "");
    ASSERT_EQ((*read)->items.size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ((*read)->items[i].text, words[i]);
}

TEST(RedisCommands, CountsTheRepliesToExpect)
{
    Commands commands("PING");
    commands.add("INCR", "a").add_answered_by_push("SUBSCRIBE", "news");
    EXPECT_EQ(commands.answers(), 2U);
}

TEST(RedisTrouble, IsNamedByTheFirstWord)
{
    using enum Trouble;

    const struct {
        const char* error;
        Trouble trouble;
    } rows[] = {
        {"WRONGPASS invalid username-password pair or user is disabled.", wrong_password  },
        {"NOAUTH Authentication required.",                               needs_password  },
        {"NOPERM User ada has no permissions to run the 'get' command",   forbidden       },
        {"LOADING Redis is loading the dataset in memory",                loading         },
        {"READONLY You can't write against a read only replica.",         read_only       },
        {"MASTERDOWN Link with MASTER is down",                           read_only       },
        {"OOM command not allowed when used memory > 'maxmemory'.",       out_of_memory   },
        {"NOSCRIPT No matching script.",                                  no_script       },
        {"BUSY Redis is busy running a script.",                          busy            },
        {"MISCONF Errors writing to the AOF file",                        cannot_persist  },
        {"NOREPLICAS Not enough good replicas to write.",                 too_few_replicas},
        {"MOVED 3999 127.0.0.1:6381",                                     elsewhere       },
        {"CROSSSLOT Keys in request don't hash to the same slot",         elsewhere       },
        {"LOADING",                                                       loading         },
        {"ERR unknown command 'x'",                                       refused         },
        {"OOMPH",                                                         refused         },
        {"oom",                                                           refused         },
        {" OOM",                                                          refused         },
        {"",                                                              refused         },
    };

    for (const auto& row : rows) EXPECT_EQ(trouble_of(row.error), row.trouble) << row.error;
}

} // namespace
} // namespace gatehouse::auth::redis
