#include "gateway/http/request_parser.hpp"
#include "tests/gateway/http/read_messages.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gatehouse::gateway {
namespace {

TEST(RequestParser, ReadsPipelinedRequestsOneAfterTheOther)
{
    const std::string bytes = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
                              "GET http://b?2 HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n"
                              "GET /3 HTTP/1.1\r\nHost: a\r\n\r\nGE";
    const char* const expected[] = {
        "GET /1 HTTP/1.1 host=a none keep-alive [Host=a] size=28",
        "GET /?2 HTTP/1.1 host=b none keep-alive [Host=a] [X=y] size=42",
        "GET /3 HTTP/1.1 host=a none keep-alive [Host=a] size=28",
        "need more",
    };
    RequestParser parser;
    RequestHead head;
    std::string_view rest = bytes;
    for (const auto* const text : expected) {
        const auto size = parser.parse(rest, head, {});
        EXPECT_EQ(told(size, head), text);
        if (size && *size) rest.remove_prefix(**size);
    }
}

TEST(RequestParser, StartsAgainAfterAnErrorAndAfterReset)
{
    const std::string good = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    RequestParser parser;
    RequestHead head;
    EXPECT_EQ(told(parser.parse("GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", head, {}), head),
              "bad field");
    EXPECT_EQ(told(parser.parse(good, head, {}), head), read_request(good));
    EXPECT_EQ(told(parser.parse("POST /longer HTTP/1.1\r\nHost: abc\r\n", head, {}), head),
              "need more");
    parser.reset();
    EXPECT_EQ(told(parser.parse(good, head, {}), head), read_request(good));
}

TEST(RequestParser, KeepsTheFieldsMemoryFromRequestToRequest)
{
    const std::string bytes = "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n";
    RequestParser parser;
    RequestHead head;
    ASSERT_TRUE(parser.parse(bytes, head, {}));
    const auto* const memory = head.fields.data();
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(parser.parse(bytes, head, {}));
        EXPECT_EQ(head.fields.size(), 4U);
        EXPECT_EQ(head.fields.data(), memory);
    }
}

} // namespace
} // namespace gatehouse::gateway
