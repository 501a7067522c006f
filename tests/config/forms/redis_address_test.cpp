#include "config/forms/redis_address.hpp"

#include <gmock/gmock.h>

namespace gatehouse::config {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(RedisAddress, ReadsWhereAndAsWhom)
{
    const struct {
        const char* url;
        bool tls;
        const char* host;
        std::uint16_t port;
        const char* user;
        std::uint32_t database;
        const char* shown;
    } rows[] = {
        {"redis://localhost",                false, "localhost",       6379,  "",     0,  "redis://localhost:6379/0"  },
        {"redis://localhost/",               false, "localhost",       6379,  "",     0,  "redis://localhost:6379/0"  },
        {"rediss://cache_1.example:7000/15", true,  "cache_1.example", 7000,  "",     15,
         "rediss://cache_1.example:7000/15"                                                                           },
        {"redis://ada@10.0.0.1:65535",       false, "10.0.0.1",        65535, "ada",  0,
         "redis://10.0.0.1:65535/0"                                                                                   },
        {"redis://a%40b%3A@h/3",             false, "h",               6379,  "a@b:", 3,  "redis://h:6379/3"          },
        {"rediss://[2001:db8::1]:1/0",       true,  "2001:db8::1",     1,     "",     0,  "rediss://[2001:db8::1]:1/0"},
        {"redis://[::1]",                    false, "::1",             6379,  "",     0,  "redis://[::1]:6379/0"      },
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.url);
        const auto address = parse_redis_address(row.url);
        ASSERT_TRUE(address) << address.error();
        EXPECT_EQ(address->tls, row.tls);
        EXPECT_EQ(address->host, row.host);
        EXPECT_EQ(address->port, row.port);
        EXPECT_EQ(address->user, row.user);
        EXPECT_EQ(address->database, row.database);
        EXPECT_EQ(address->shown(), row.shown);
    }
}

TEST(RedisAddress, RefusesEverythingElseAndRepeatsNoneOfIt)
{
    const struct {
        const char* url;
        const char* says;
    } rows[] = {
        {"",                           "is no address"},
        {"localhost:6379",             "is no address"},
        {"redis:/h",                   "is no address"},
        {"redis:hunter2",              "is no address"},
        {"REDIS://h",                  "is no address"},
        {"valkey://h",                 "is no address"},
        {"redis+unix:///tmp/hunter2",  "is no address"},
        {"redis://",                   "no host"      },
        {"redis:///0",                 "no host"      },
        {"redis://a b",                "no host"      },
        {"redis://h\xc3\xa9",          "no host"      },
        {"redis://h\n",                "no host"      },
        {"redis://:hunter2@h",         "password"     },
        {"redis://ada:hunter2@h/0",    "password"     },
        {"redis://ada:@h",             "password"     },
        {"redis://@h",                 "user"         },
        {"redis://hunter2%@h",         "user"         },
        {"redis://hunter2%4@h",        "user"         },
        {"redis://hunter2%0a@h",       "user"         },
        {"redis://hunter2%gg@h",       "user"         },
        {"redis://hunt@er2@h",         "@"            },
        {"redis://h:",                 "port"         },
        {"redis://h:0",                "port"         },
        {"redis://h:06379",            "port"         },
        {"redis://h:65536",            "port"         },
        {"redis://h:-1",               "port"         },
        {"redis://h:6379:hunter2",     "port"         },
        {"redis://[::1]6379",          "port"         },
        {"redis://[::1",               "]"            },
        {"redis://[h]",                "IPv6"         },
        {"redis://[fe80::1%eth0]",     "IPv6"         },
        {"redis://h/zero",             "database"     },
        {"redis://h/00",               "database"     },
        {"redis://h/-1",               "database"     },
        {"redis://h/65536",            "database"     },
        {"redis://h/0/1",              "database"     },
        {"redis://h?password=hunter2", "parameters"   },
        {"redis://h/0#hunter2",        "parameters"   },
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.url);
        const auto address = parse_redis_address(row.url);
        ASSERT_FALSE(address);
        EXPECT_THAT(address.error(), HasSubstr(row.says));
        EXPECT_THAT(address.error(), Not(HasSubstr("hunter2")));
    }
}

} // namespace
} // namespace gatehouse::config
