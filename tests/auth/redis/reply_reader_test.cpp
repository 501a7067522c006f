#include "auth/redis/reply_reader.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth::redis {
namespace {

using Kind = Reply::Kind;

constexpr ReplyLimits small{
    .line_bytes = 20, .text_bytes = 10, .bytes = 60, .items = 6, .depth = 2};

/// One reply from bytes that come `step` at a time, and must be used up by it.
Result<Reply, ReplyError> read(std::string_view bytes, std::size_t step = 1000,
                               const ReplyLimits& limits = {})
{
    ReplyReader reader(limits);
    while (!bytes.empty()) {
        auto piece = bytes.substr(0, step);
        const auto offered = piece.size();
        auto reply = reader.take(piece);
        if (!reply) return reply.error();
        bytes.remove_prefix(offered - piece.size());
        if (*reply && bytes.empty()) return std::move(**reply);
        if (*reply) throw std::runtime_error("it ended early");
    }
    throw std::runtime_error("it is not complete");
}

Reply text(std::string value)
{
    return {.kind = Kind::text, .text = std::move(value)};
}

Reply integer(std::int64_t value)
{
    return {.kind = Kind::integer, .integer = value};
}

TEST(RedisReply, ReadsEveryType)
{
    using namespace std::string_literals;

    const struct {
        std::string bytes;
        Reply reply;
    } rows[] = {
        {"+OK\r\n",                       text("OK")                                           },
        {"+\r\n",                         text("")                                             },
        {"-ERR no\r\n",                   {.kind = Kind::error, .text = "ERR no"}              },
        {"!6\r\nERR\r\n!\r\n",            {.kind = Kind::error, .text = "ERR\r\n!"}            },
        {":0\r\n",                        integer(0)                                           },
        {":-9223372036854775808\r\n",     integer(INT64_MIN)                                   },
        {"$0\r\n\r\n",                    text("")                                             },
        {"$4\r\n\r\n\0$\r\n"s,            text("\r\n\0$"s)                                     },
        {"=6\r\ntxt:ab\r\n",              text("ab")                                           },
        {"_\r\n",                         {}                                                   },
        {"#t\r\n",                        {.kind = Kind::boolean, .integer = 1}                },
        {"#f\r\n",                        {.kind = Kind::boolean, .integer = 0}                },
        {",-1.5e-3\r\n",                  {.kind = Kind::number, .text = "-1.5e-3"}            },
        {",1e+20\r\n",                    {.kind = Kind::number, .text = "1e+20"}              },
        {",-inf\r\n",                     {.kind = Kind::number, .text = "-inf"}               },
        {"(-99999999999999999999999\r\n",
         {.kind = Kind::number, .text = "-99999999999999999999999"}                            },
        {"*0\r\n",                        {.kind = Kind::list}                                 },
        {"*2\r\n:1\r\n*1\r\n_\r\n",
         {.kind = Kind::list, .items = {integer(1), {.kind = Kind::list, .items = {{}}}}}      },
        {"~1\r\n+a\r\n",                  {.kind = Kind::set, .items = {text("a")}}            },
        {"%1\r\n+a\r\n:1\r\n",            {.kind = Kind::map, .items = {text("a"), integer(1)}}},
        {">2\r\n+message\r\n$1\r\na\r\n",
         {.kind = Kind::push, .items = {text("message"), text("a")}}                           },
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.bytes);
        for (const std::size_t step : {1, 2, 3, 1000}) {
            const auto reply = read(row.bytes, step);
            ASSERT_TRUE(reply) << reply.error();
            EXPECT_EQ(*reply, row.reply);
        }
    }
}

TEST(RedisReply, RefusesWhatIsNotExactlyRight)
{
    using enum ReplyError;

    const struct {
        const char* name;
        std::string bytes;
        ReplyError error;
    } rows[] = {
        {"an HTTP answer",              "HTTP/1.1 400 Bad Request\r\n", unknown_type  },
        {"an attribute",                "|1\r\n+a\r\n+b\r\n+c\r\n",     unknown_type  },
        {"an empty line",               "\r\n",                         unknown_type  },
        {"nothing but LF",              "\n",                           unknown_type  },
        {"a lone LF",                   "+OK\n",                        bad_line_end  },
        {"a CR inside",                 "+O\rK\r\n",                    bad_line_end  },
        {"two CR",                      "+OK\r\r\n",                    bad_line_end  },
        {"a text longer than it says",  "$1\r\nab\r\n",                 bad_line_end  },
        {"a text that ends in LF LF",   "$1\r\na\n\n",                  bad_line_end  },
        {"an integer in letters",       ":one\r\n",                     bad_value     },
        {"no integer",                  ":\r\n",                        bad_value     },
        {"an integer with a plus",      ":+1\r\n",                      bad_value     },
        {"an integer with a zero",      ":01\r\n",                      bad_value     },
        {"minus nothing",               ":-0\r\n",                      bad_value     },
        {"an integer of 65 bits",       ":9223372036854775808\r\n",     bad_value     },
        {"a blank behind",              ":1 \r\n",                      bad_value     },
        {"a length with a minus",       "$-1\r\n",                      bad_value     },
        {"a length with a zero",        "$01\r\na\r\n",                 bad_value     },
        {"a length of 65 bits",         "$18446744073709551616\r\n",    bad_value     },
        {"a streamed text",             "$?\r\n",                       bad_value     },
        {"a streamed list",             "*?\r\n",                       bad_value     },
        {"a null list of RESP2",        "*-1\r\n",                      bad_value     },
        {"a null with something in it", "_0\r\n",                       bad_value     },
        {"another boolean",             "#true\r\n",                    bad_value     },
        {"a double in letters",         ",infinity\r\n",                bad_value     },
        {"two doubles",                 ",1.5 2\r\n",                   bad_value     },
        {"a big number with a dot",     "(1.5\r\n",                     bad_value     },
        {"a verbatim text of nothing",  "=2\r\nab\r\n",                 bad_value     },
        {"a verbatim text, no format",  "=4\r\nabcd\r\n",               bad_value     },
        {"a push in a list",            "*1\r\n>1\r\n+a\r\n",           misplaced_push},
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        for (const std::size_t step : {1, 1000}) {
            const auto reply = read(row.bytes, step);
            ASSERT_FALSE(reply);
            EXPECT_EQ(reply.error(), row.error);
        }
    }
}

TEST(RedisReply, RefusesTooMuchWhenItIsAnnounced)
{
    using enum ReplyError;

    const struct {
        const char* name;
        std::string bytes; // no more than the announcement
        ReplyError error;
    } rows[] = {
        {"a long line", "+" + std::string(23, 'a'), line_too_long},
        {"a long text", "$11\r\n", text_too_long},
        {"a long error", "!11\r\n", text_too_long},
        {"a huge text", "$18446744073709551615\r\n", text_too_long},
        {"texts that are too much",
         "*5\r\n$10\r\n1234567890\r\n$10\r\n1234567890\r\n$10\r\n"
         "1234567890\r\n$10\r\n", reply_too_long},
        {"a long list", "*7\r\n", too_many_items},
        {"a huge list", "*18446744073709551615\r\n", too_many_items},
        {"a map of too much", "%4\r\n", too_many_items},
        {"a huge map", "%9223372036854775808\r\n", too_many_items},
        {"lists that are too much", "*3\r\n*2\r\n_\r\n_\r\n*2\r\n", too_many_items},
        {"a list in a list in a list", "*1\r\n*1\r\n*0\r\n", too_deep},
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        for (const std::size_t step : {1, 1000}) {
            const auto reply = read(row.bytes, step, small);
            ASSERT_FALSE(reply);
            EXPECT_EQ(reply.error(), row.error);
        }
    }
}

TEST(RedisReply, TakesWhatIsJustWithinTheLimits)
{
    const std::string rows[] = {
        "+" + std::string(20, 'a') + "\r\n",
        "$10\r\n1234567890\r\n",
        "*6\r\n_\r\n_\r\n_\r\n_\r\n_\r\n_\r\n",
        "%3\r\n_\r\n_\r\n_\r\n_\r\n_\r\n_\r\n",
        "*1\r\n*1\r\n_\r\n",
    };
    for (const auto& row : rows) EXPECT_TRUE(read(row, 1, small)) << row;
}

TEST(RedisReply, EachReplyHasTheWholeLimit)
{
    ReplyReader reader(small);
    const std::string one = "*6\r\n$9\r\n123456789\r\n_\r\n_\r\n_\r\n_\r\n_\r\n";
    for (int i = 0; i < 5; ++i) {
        std::string_view bytes = one;
        const auto reply = reader.take(bytes);
        ASSERT_TRUE(reply) << reply.error();
        EXPECT_EQ((*reply)->items.size(), 6U);
    }
}

TEST(RedisReply, TakesOneReplyAndLeavesTheNext)
{
    ReplyReader reader;
    std::string_view bytes = "+a\r\n:7\r\n$5\r\nhal";
    EXPECT_EQ(**reader.take(bytes), text("a"));
    EXPECT_EQ(bytes, ":7\r\n$5\r\nhal");
    EXPECT_EQ(**reader.take(bytes), integer(7));
    EXPECT_FALSE(*reader.take(bytes));
    EXPECT_EQ(bytes, "");
    bytes = "lo\r\n+b\r\n";
    EXPECT_EQ(**reader.take(bytes), text("hallo"));
    EXPECT_EQ(bytes, "+b\r\n");
}

TEST(RedisReply, NothingComesAfterAnError)
{
    ReplyReader reader;
    std::string_view bytes = "?\r\n+OK\r\n";
    EXPECT_FALSE(reader.take(bytes));
    bytes = "+OK\r\n";
    const auto again = reader.take(bytes);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error(), ReplyError::unknown_type);
}

} // namespace
} // namespace gatehouse::auth::redis
