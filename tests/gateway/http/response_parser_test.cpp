#include "gateway/http/response_parser.hpp"
#include "tests/gateway/http/read_messages.hpp"

#include <gtest/gtest.h>

#include <span>
#include <string>

namespace gatehouse::gateway {
namespace {

using namespace std::string_literals;

struct Row {
    const char* name;
    std::string bytes;
    std::string expected;
    std::string method = "GET";
};

void expect_rows(std::span<const Row> rows)
{
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        EXPECT_EQ(read_response(row.bytes, row.method), row.expected);
        EXPECT_EQ(response_differs_when_cut(row.bytes, row.method), "");
    }
}

std::string ok(const std::string& lines)
{
    return "HTTP/1.1 200 OK\r\n" + lines + "\r\n";
}

std::string with_status(const std::string& status, const std::string& lines = "")
{
    return "HTTP/1.1 " + status + "\r\n" + lines + "\r\n";
}

const std::string five = "Content-Length: 5\r\n";
const std::string chunks = "Transfer-Encoding: chunked\r\n";

TEST(ResponseParser, KnowsWhereEachBodyEnds)
{
    const Row rows[] = {
        {"a length", ok(five) + "hello",
         "HTTP/1.1 200 'OK' length=5 keep-alive [Content-Length=5] size=38"},
        {"length 0", ok("Content-Length: 0\r\n"),
         "HTTP/1.1 200 'OK' length=0 keep-alive [Content-Length=0] size=38"},
        {"chunked", ok(chunks),
         "HTTP/1.1 200 'OK' chunked keep-alive [Transfer-Encoding=chunked] size=47"},
        {"neither: until the connection closes", ok(""),
         "HTTP/1.1 200 'OK' until-close close size=19"},
        {"neither, whatever Connection says", ok("Connection: keep-alive\r\n"),
         "HTTP/1.1 200 'OK' until-close close [Connection=keep-alive] size=43"},
        {"HTTP/1.0 with a length", "HTTP/1.0 200 OK\r\n" + five + "\r\n",
         "HTTP/1.0 200 'OK' length=5 close [Content-Length=5] size=38"},
        {"HTTP/1.0 that stays", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + five + "\r\n",
         "HTTP/1.0 200 'OK' length=5 keep-alive [Connection=keep-alive] [Content-Length=5] "
         "size=62"},
        {"the last answer", ok("Connection: x, close\r\n" + five),
         "HTTP/1.1 200 'OK' length=5 close [Connection=x, close] [Content-Length=5] size=60"},
        {"no reason", "HTTP/1.1 200 \r\n" + five + "\r\n",
         "HTTP/1.1 200 '' length=5 keep-alive [Content-Length=5] size=36"},
        {"an opaque reason", "HTTP/1.1 200 \xc3\xa9 a\tb\r\n" + five + "\r\n",
         "HTTP/1.1 200 '\xc3\xa9 a\tb' length=5 keep-alive [Content-Length=5] size=42"},
        {"status 599", with_status("599 x", five),
         "HTTP/1.1 599 'x' length=5 keep-alive [Content-Length=5] size=37"},
    };
    expect_rows(rows);
}

TEST(ResponseParser, GivesNoBodyToAnswersThatHaveNone)
{
    // R15; RFC 9112, 6.3
    const Row rows[] = {
        {"HEAD with a length", ok(five), "HTTP/1.1 200 'OK' none close [Content-Length=5] size=38",
         "HEAD"},
        {"HEAD with chunks", ok(chunks),
         "HTTP/1.1 200 'OK' none close [Transfer-Encoding=chunked] size=47", "HEAD"},
        {"HEAD with neither", ok(""), "HTTP/1.1 200 'OK' none close size=19", "HEAD"},
        {"HEAD with a length of nothing", ok("Content-Length: 0\r\n"),
         "HTTP/1.1 200 'OK' none keep-alive [Content-Length=0] size=38", "HEAD"},
        {"304 to HEAD", with_status("304 N", ""), "HTTP/1.1 304 'N' none keep-alive size=18",
         "HEAD"},
        {"another method that looks like HEAD", ok(""),
         "HTTP/1.1 200 'OK' until-close close size=19", "head"},
        {"304 with a length", with_status("304 N", five),
         "HTTP/1.1 304 'N' none close [Content-Length=5] size=37"},
        {"204", with_status("204 N"), "HTTP/1.1 204 'N' none keep-alive size=18"},
        {"204 with length 0", with_status("204 N", "Content-Length: 0\r\n"),
         "HTTP/1.1 204 'N' none keep-alive [Content-Length=0] size=37"},
        {"204 that announces bytes is not trusted", with_status("204 N", five),
         "HTTP/1.1 204 'N' none close [Content-Length=5] size=37"},
        {"204 that announces chunks is not trusted", with_status("204 N", chunks),
         "HTTP/1.1 204 'N' none close [Transfer-Encoding=chunked] size=46"},
        {"nor to HEAD", with_status("204 N", chunks),
         "HTTP/1.1 204 'N' none close [Transfer-Encoding=chunked] size=46", "HEAD"},
        {"100", with_status("100 Continue") + "HTTP/1.1 200",
         "HTTP/1.1 100 'Continue' none keep-alive size=25"},
        {"103", with_status("103 Early Hints", "Link: </a>\r\n"),
         "HTTP/1.1 103 'Early Hints' none keep-alive [Link=</a>] size=40"},
        {"103 that announces bytes", with_status("103 E", five),
         "HTTP/1.1 103 'E' none close [Content-Length=5] size=37"},
    };
    expect_rows(rows);
}

TEST(ResponseParser, WaitsForTheEndOfTheHead)
{
    const Row rows[] = {
        {"nothing",       "",                            "need more"},
        {"one letter",    "H",                           "need more"},
        {"a status line", "HTTP/1.1 200 OK\r\n",         "need more"},
        {"no empty line", "HTTP/1.1 200 OK\r\nX: y\r\n", "need more"},
    };
    expect_rows(rows);
}

TEST(ResponseParser, RefusesWhatIsNoResponse)
{
    // R15
    const Row rows[] = {
        {"another protocol, at once", "SSH-2.0-x", "bad version"},
        {"a page without a head, at once", "<html>", "bad version"},
        {"an empty line in front", "\r\n" + ok(five), "bad version"},
        {"HTTP/1.2", "HTTP/1.2 200 OK\r\n\r\n", "bad version"},
        {"HTTP/2", "HTTP/2 200\r\n\r\n", "bad version"},
        {"lower case", "http/1.1 200 OK\r\n\r\n", "bad version"},
        {"two digits of status", with_status("20 OK"), "bad status"},
        {"four digits of status", with_status("2000 OK"), "bad status"},
        {"letters of status", with_status("2x0 OK"), "bad status"},
        {"no blank behind the status", with_status("200"), "bad status"},
        {"status 099", with_status("099 x"), "bad status"},
        {"status 000", with_status("000 x"), "bad status"},
        {"status 600", with_status("600 x"), "bad status"},
        {"101 that nobody asked for", with_status("101 Switching", "Upgrade: x\r\n"),
         "unexpected upgrade"},
        {"NUL in the reason", with_status("200 O\0K"s), "control byte"},
        {"bare LF", "HTTP/1.1 200 OK\nX: y\n\n", "bare LF"},
        {"bare CR", ok("X: a\rSet-Cookie: b\r\n"), "bare CR"},
        {"a control in a value", ok("X: \x01\r\n"), "control byte"},
        {"a folded line", ok("X: y\r\n z\r\n"), "folded line"},
        {"blank before the colon", ok("Content-Length : 5\r\n"), "bad field"},
        {"no colon", ok("X\r\n"), "bad field"},
        {"empty name", ok(": y\r\n"), "bad field"},
    };
    expect_rows(rows);
}

TEST(ResponseParser, RefusesEveryFramingThatTwoReadersCouldReadDifferently)
{
    // R15: as for requests, R1 to R3
    const Row rows[] = {
        {"length and chunks", ok(five + chunks), "length and encoding"},
        {"chunks and length", ok(chunks + five), "length and encoding"},
        {"to HEAD too", ok(chunks + five), "length and encoding", "HEAD"},
        {"with 304 too", with_status("304 N", chunks + five), "length and encoding"},
        {"two lengths", ok(five + "Content-Length: 6\r\n"), "bad content length"},
        {"two equal lengths", ok(five + five), "bad content length"},
        {"a list", ok("Content-Length: 5, 5\r\n"), "bad content length"},
        {"a bad length to HEAD", ok("Content-Length: x\r\n"), "bad content length", "HEAD"},
        {"2^63", ok("Content-Length: 9223372036854775808\r\n"), "bad content length"},
        {"2^64", ok("Content-Length: 18446744073709551616\r\n"), "bad content length"},
        {"unknown coding", ok("Transfer-Encoding: gzip\r\n"), "unknown transfer encoding"},
        {"gzip, chunked", ok("Transfer-Encoding: gzip, chunked\r\n"), "unknown transfer encoding"},
        {"chunked twice", ok(chunks + chunks), "bad transfer encoding"},
        {"chunked in HTTP/1.0", "HTTP/1.0 200 OK\r\n" + chunks + "\r\n", "bad transfer encoding"},
    };
    expect_rows(rows);
}

TEST(ResponseParser, KeepsItsLimits)
{
    config::LimitSettings limits;
    limits.head_bytes = 40;
    limits.head_fields = 1;
    EXPECT_EQ(read_response(ok("X: " + std::string(16, 'x') + "\r\n"), "GET", limits),
              "HTTP/1.1 200 'OK' until-close close [X=" + std::string(16, 'x') + "] size=40");
    EXPECT_EQ(read_response(ok("X: " + std::string(17, 'x') + "\r\n"), "GET", limits),
              "head too large");
    EXPECT_EQ(read_response("HTTP/1.1 200 OK" + std::string(40, ' '), "GET", limits),
              "head too large");
    EXPECT_EQ(read_response(ok("X: y\r\nZ: y\r\n"), "GET", limits), "too many fields");
}

TEST(ResponseParser, ReadsInterimAnswersAndTheFinalOneInARow)
{
    const auto bytes = with_status("100 C") + with_status("103 E", "X: y\r\n") + ok(five) + "hello";
    const char* const expected[] = {
        "HTTP/1.1 100 'C' none keep-alive size=18",
        "HTTP/1.1 103 'E' none keep-alive [X=y] size=24",
        "HTTP/1.1 200 'OK' length=5 keep-alive [Content-Length=5] size=38",
    };
    ResponseParser parser;
    ResponseHead head;
    std::string_view rest = bytes;
    for (const auto* const text : expected) {
        const auto size = parser.parse(rest, head, "GET", {});
        EXPECT_EQ(told(size, head), text);
        if (size && *size) rest.remove_prefix(**size);
    }
    EXPECT_EQ(rest, "hello");
}

TEST(ResponseParser, StartsAgainAfterAnErrorAndAfterReset)
{
    ResponseParser parser;
    ResponseHead head;
    EXPECT_EQ(told(parser.parse("HTTP/1.1 200 OK\r\nX: \n", head, "GET", {}), head), "bare LF");
    EXPECT_EQ(told(parser.parse("HTTP/1.1 200 OK\r\nX: longer than\r\n", head, "GET", {}), head),
              "need more");
    parser.reset();
    EXPECT_EQ(told(parser.parse(ok(five), head, "GET", {}), head), read_response(ok(five)));
}

} // namespace
} // namespace gatehouse::gateway
