#include "gateway/http/request_parser.hpp"
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
};

void expect_rows(std::span<const Row> rows)
{
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        EXPECT_EQ(read_request(row.bytes), row.expected);
        EXPECT_EQ(request_differs_when_cut(row.bytes), "");
    }
}

/// A request with this field line behind Host.
std::string with_line(const std::string& line)
{
    return "GET / HTTP/1.1\r\nHost: a\r\n" + line + "\r\n\r\n";
}

std::string with_target(const std::string& target)
{
    return "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

std::string with_host(const std::string& host)
{
    return "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
}

TEST(RequestParser, ReadsWhatAStrictClientSends)
{
    const Row rows[] = {
        {"the smallest",                             "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
         "GET / HTTP/1.1 host=a none keep-alive [Host=a] size=27"                                                                                                                           },
        {"what follows the head is left alone",      "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET \n\0"s,
         "GET / HTTP/1.1 host=a none keep-alive [Host=a] size=27"                                                                                                                           },
        {"path and query as sent",                   "GET /a/%2e%2e/b?x=1&y=%00|{} HTTP/1.1\r\nHost: a\r\n\r\n",
         "GET /a/%2e%2e/b?x=1&y=%00|{} HTTP/1.1 host=a none keep-alive [Host=a] size=50"                                                                                                    },
        {"an unknown method is a method",            "brew!x /p HTTP/1.1\r\nHost: a\r\n\r\n",
         "brew!x /p HTTP/1.1 host=a none keep-alive [Host=a] size=31"                                                                                                                       },
        {"blanks around a value are not part of it",
         "GET / HTTP/1.1\r\nHost: \t a \t\r\nX:\r\nY: a  b\r\n\r\n",                                                  "GET / HTTP/1.1 host=a none keep-alive [Host=a] [X=] [Y=a  b] size=44"},
        {"bytes from 0x80 on are opaque in values",  with_line("X: \xc3\xa9\xff"),
         "GET / HTTP/1.1 host=a none keep-alive [Host=a] [X=\xc3\xa9\xff] size=35"                                                                                                          },
        {"a length",                                 "POST / HTTP/1.1\r\nHost: a\r\ncontent-LENGTH: 05\r\n\r\nhello",
         "POST / HTTP/1.1 host=a length=5 keep-alive [Host=a] [content-LENGTH=05] size=48"                                                                                                  },
        {"the largest length",                       with_line("Content-Length: 9223372036854775807"),
         "GET / HTTP/1.1 host=a length=9223372036854775807 keep-alive [Host=a] "
         "[Content-Length=9223372036854775807] size=64"                                                                                                                                     },
        {"chunked, any case",                        with_line("transfer-encoding: ChunKed"),
         "GET / HTTP/1.1 host=a chunked keep-alive [Host=a] [transfer-encoding=ChunKed] size=55"                                                                                            },
        {"one empty line in front",                  "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
         "GET / HTTP/1.1 host=a none keep-alive [Host=a] size=29"                                                                                                                           },
        {"two empty lines in front",                 "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
         "GET / HTTP/1.1 host=a none keep-alive [Host=a] size=31"                                                                                                                           },
        {"HTTP/1.0 needs no Host and does not stay", "GET / HTTP/1.0\r\n\r\n",
         "GET / HTTP/1.0 host= none close size=18"                                                                                                                                          },
    };
    expect_rows(rows);
}

TEST(RequestParser, WaitsForTheEndOfTheHead)
{
    const Row rows[] = {
        {"nothing yet",                 "",                                "need more"},
        {"half a request line",         "GET /",                           "need more"},
        {"a request line",              "GET / HTTP/1.1\r\n",              "need more"},
        {"a CR may get its LF",         "GET / HTTP/1.1\r",                "need more"},
        {"no empty line",               "GET / HTTP/1.1\r\nHost: a\r\n",   "need more"},
        {"half an empty line",          "GET / HTTP/1.1\r\nHost: a\r\n\r", "need more"},
        {"only an empty line in front", "\r\n",                            "need more"},
    };
    expect_rows(rows);
}

TEST(RequestParser, AnswersAtOnceWhatCanNeverBecomeAHead)
{
    // R6: nobody waits for the head deadline because a line ends wrongly.
    const Row rows[] = {
        {"bare LF behind the request line", "GET / HTTP/1.1\n",                             "bare LF"             },
        {"only bare LFs",                   "GET / HTTP/1.1\nHost: a\n\n",                  "bare LF"             },
        {"bare LF behind a field",          "GET / HTTP/1.1\r\nHost: a\n",                  "bare LF"             },
        {"bare LF as the empty line",       "GET / HTTP/1.1\r\nHost: a\r\n\n",              "bare LF"             },
        {"bare LF in front",                "\nGET / HTTP/1.1\r\n",                         "bare LF"             },
        {"only bare CRs",                   "GET / HTTP/1.1\rHost: a\r\r",                  "bare CR"             },
        {"bare CR in a value",              "GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n",      "bare CR"             },
        {"CR CR LF",                        "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n",          "bare CR"             },
        {"NUL in the target",               "GET /\0 HTTP/1.1\r\n"s,                        "control byte"        },
        {"NUL in a name",                   with_line("X\0: y"s),                           "control byte"        },
        {"NUL in a value",                  with_line("X: a\0b"s),                          "control byte"        },
        {"escape in a value",               with_line("X: \x1b[31m"),                       "control byte"        },
        {"vertical tab in a value",         with_line("Transfer-Encoding: \vchunked"),      "control byte"        },
        {"delete in a value",               with_line("X: \x7f"),                           "control byte"        },
        {"a TLS client",                    "\x16\x03\x01\x02",                             "control byte"        },
        {"an HTTP/0.9 request",             "GET /\r\n",                                    "bad version"         },
        {"a folded line",                   "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n",  "folded line"         },
        {"a line folded by a tab",          "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\tz\r\n", "folded line"         },
        {"a fold in front of all fields",   "GET / HTTP/1.1\r\n X: y\r\n",                  "folded line"         },
        {"a fold of nothing but a blank",   "GET / HTTP/1.1\r\nHost: a\r\n \r\n",           "folded line"         },
        {"a length hidden by a fold",
         "GET / HTTP/1.1\r\nHost: a\r\nX:\r\n Content-Length: 5\r\n\r\n",                   "folded line"         },
        {"three empty lines in front",      "\r\n\r\n\r\n",                                 "too many empty lines"},
    };
    expect_rows(rows);
}

TEST(RequestParser, RefusesBadRequestLines)
{
    const Row rows[] = {
        {"HTTP/1.2",                "GET / HTTP/1.2\r\nHost: a\r\n\r\n",             "bad version"   },
        {"HTTP/2.0",                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",              "bad version"   },
        {"lower case",              "GET / http/1.1\r\nHost: a\r\n\r\n",             "bad version"   },
        {"two digits",              "GET / HTTP/1.10\r\nHost: a\r\n\r\n",            "bad version"   },
        {"a word more",             "GET / x HTTP/1.1\r\nHost: a\r\n\r\n",           "bad version"   },
        {"blank at the end",        "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",            "bad version"   },
        {"two blanks",              "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",            "bad target"    },
        {"tab instead of a blank",  "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n",            "bad start line"},
        {"no method",               " / HTTP/1.1\r\nHost: a\r\n\r\n",                "bad start line"},
        {"method that is no token", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n",             "bad start line"},
        {"CONNECT",                 "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", "refused method"}, // R7
        {"connect",                 "connect a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", "refused method"},
        {"TRACE",                   "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n",           "refused method"},
    };
    expect_rows(rows);
}

TEST(RequestParser, ReadsTwoFormsOfTargetAndRefusesTheOthers)
{
    // R7, R8
    const Row rows[] = {
        {"absolute form: its authority wins",       with_target("http://b:81/p?q"),
         "GET /p?q HTTP/1.1 host=b:81 none keep-alive [Host=a] size=41"                                  },
        {"absolute form, any case",                 with_target("HTTP://b/"),
         "GET / HTTP/1.1 host=b none keep-alive [Host=a] size=35"                                        },
        {"absolute form without a path",            with_target("http://b"),
         "GET / HTTP/1.1 host=b none keep-alive [Host=a] size=34"                                        },
        {"absolute form with a query alone",        with_target("http://b?q=/x"),
         "GET /?q=/x HTTP/1.1 host=b none keep-alive [Host=a] size=39"                                   },
        {"absolute form does not excuse from Host", "GET http://b/ HTTP/1.1\r\n\r\n",        "bad host"  },
        {"absolute form of HTTP/1.0 needs no Host", "GET http://b/ HTTP/1.0\r\n\r\n",
         "GET / HTTP/1.0 host=b none close size=26"                                                      },
        {"empty authority",                         with_target("http:///p"),                "bad host"  },
        {"user information",                        with_target("http://a@b/p"),             "bad host"  },
        {"blank port",                              with_target("http://b:/p"),              "bad host"  },
        {"backslash in the authority",              with_target("http://b\\@c/p"),           "bad host"  },
        {"another scheme",                          with_target("https://b/p"),              "bad target"},
        {"a scheme without slashes",                with_target("http:b"),                   "bad target"},
        {"authority form",                          with_target("b:80"),                     "bad target"},
        {"asterisk form",                           "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "bad target"},
        {"relative path",                           with_target("a/b"),                      "bad target"},
        {"query alone",                             with_target("?q"),                       "bad target"},
        {"fragment",                                with_target("/a#b"),                     "bad target"},
        {"fragment of the absolute form",           with_target("http://b/#/c"),             "bad target"},
        {"a tab in the path",                       with_target("/a\tb"),                    "bad target"},
        {"a tab in the query",                      with_target("/?a\tb"),                   "bad target"},
        {"bytes from 0x80 on",                      with_target("/\xc3\xa9"),                "bad target"},
    };
    expect_rows(rows);
}

TEST(RequestParser, WantsExactlyOneValidHost)
{
    // R7; the syntax itself is tested with is_authority().
    const Row rows[] = {
        {"none",                            "GET / HTTP/1.1\r\n\r\n",                       "bad host"},
        {"two",                             "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "bad host"},
        {"two equal ones",                  "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", "bad host"},
        {"two in HTTP/1.0",                 "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", "bad host"},
        {"empty",                           with_host(""),                                  "bad host"},
        {"a list",                          with_host("a, b"),                              "bad host"},
        {"a path",                          with_host("a/b"),                               "bad host"},
        {"user information",                with_host("x@a"),                               "bad host"},
        {"bad port",                        with_host("a:x"),                               "bad host"},
        {"bad one beside an absolute form", "GET http://b/ HTTP/1.1\r\nHost: a b\r\n\r\n",
         "bad host"                                                                                   },
        {"bad one in HTTP/1.0",             "GET / HTTP/1.0\r\nHost: a b\r\n\r\n",          "bad host"},
    };
    expect_rows(rows);
}

TEST(RequestParser, RefusesFieldsThatAreNone)
{
    // R6
    const Row rows[] = {
        {"blank before the colon",       with_line("X : y"),                 "bad field"},
        {"tab before the colon",         with_line("Content-Length\t: 5"),   "bad field"},
        {"no colon",                     with_line("X"),                     "bad field"},
        {"empty name",                   with_line(": y"),                   "bad field"},
        {"name that is no token",        with_line("X(y): z"),               "bad field"},
        {"name with a slash",            with_line("X/y: z"),                "bad field"},
        {"name with bytes from 0x80 on", with_line("X\xc3\xa9: z"),          "bad field"},
        {"a quoted name",                with_line("\"X\": z"),              "bad field"},
        {"an option that is no token",   with_line("Connection: a/b"),       "bad field"},
        {"two options without a comma",  with_line("Connection: close x"),   "bad field"},
        {"a parameter of an option",     with_line("Connection: close;q"),   "bad field"},
        {"the same for a proxy",         with_line("Proxy-Connection: a b"), "bad field"},
    };
    expect_rows(rows);
}

TEST(RequestParser, RefusesEveryFramingThatTwoReadersCouldReadDifferently)
{
    const Row rows[] = {
        // R1
        {"CL.TE",                        with_line("Content-Length: 5\r\nTransfer-Encoding: chunked"),
         "length and encoding"                                                                                                             },
        {"TE.CL",                        with_line("Transfer-Encoding: chunked\r\nContent-Length: 5"),
         "length and encoding"                                                                                                             },
        {"length 0 and chunked",         with_line("Content-Length: 0\r\nTransfer-Encoding: chunked"),
         "length and encoding"                                                                                                             },
        {"length and an unknown coding", with_line("Transfer-Encoding: x\r\nContent-Length: 5"),
         "length and encoding"                                                                                                             },
        {"length and an empty encoding", with_line("Content-Length: 5\r\nTransfer-Encoding:"),
         "length and encoding"                                                                                                             },
        // R2
        {"unknown coding",               with_line("Transfer-Encoding: gzip"),                                  "unknown transfer encoding"},
        {"identity",                     with_line("Transfer-Encoding: identity"),                              "unknown transfer encoding"},
        {"xchunked",                     with_line("Transfer-Encoding: xchunked"),                              "unknown transfer encoding"},
        {"gzip, chunked",                with_line("Transfer-Encoding: gzip, chunked"),
         "unknown transfer encoding"                                                                                                       },
        {"chunked, gzip",                with_line("Transfer-Encoding: chunked, gzip"),                         "bad transfer encoding"    },
        {"chunked, chunked",             with_line("Transfer-Encoding: chunked, chunked"),
         "bad transfer encoding"                                                                                                           },
        {"chunked twice",                with_line("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
         "bad transfer encoding"                                                                                                           },
        {"two lines, unknown first",
         with_line("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked"),
         "bad transfer encoding"                                                                                                           },
        {"two lines, unknown last",
         with_line("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip"),
         "bad transfer encoding"                                                                                                           },
        {"empty line first",             with_line("Transfer-Encoding:\r\nTransfer-Encoding: chunked"),
         "bad transfer encoding"                                                                                                           },
        {"empty",                        with_line("Transfer-Encoding:"),                                       "bad transfer encoding"    },
        {"comma behind",                 with_line("Transfer-Encoding: chunked,"),                              "bad transfer encoding"    },
        {"comma in front",               with_line("Transfer-Encoding: ,chunked"),                              "bad transfer encoding"    },
        {"parameter",                    with_line("Transfer-Encoding: chunked;q=1"),                           "bad transfer encoding"    },
        {"quoted",                       with_line("Transfer-Encoding: \"chunked\""),                           "bad transfer encoding"    },
        {"in HTTP/1.0",                  "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
         "bad transfer encoding"                                                                                                           },
        {"unknown in HTTP/1.0",          "POST / HTTP/1.0\r\nTransfer-Encoding: gzip\r\n\r\n",
         "bad transfer encoding"                                                                                                           },
        // R3
        {"two lengths",                  with_line("Content-Length: 5\r\nContent-Length: 6"),                   "bad content length"       },
        {"two equal lengths",            with_line("Content-Length: 5\r\nContent-Length: 5"),
         "bad content length"                                                                                                              },
        {"a list of lengths",            with_line("Content-Length: 5, 5"),                                     "bad content length"       },
        {"empty length",                 with_line("Content-Length:"),                                          "bad content length"       },
        {"sign",                         with_line("Content-Length: +5"),                                       "bad content length"       },
        {"negative",                     with_line("Content-Length: -1"),                                       "bad content length"       },
        {"hexadecimal",                  with_line("Content-Length: 0x5"),                                      "bad content length"       },
        {"fraction",                     with_line("Content-Length: 5.0"),                                      "bad content length"       },
        {"blank inside",                 with_line("Content-Length: 5 5"),                                      "bad content length"       },
        {"parameter of a length",        with_line("Content-Length: 5;a=b"),                                    "bad content length"       },
        {"comma behind the length",      with_line("Content-Length: 5,"),                                       "bad content length"       },
        {"2^63",                         with_line("Content-Length: 9223372036854775808"),                      "bad content length"       },
        {"2^64",                         with_line("Content-Length: 18446744073709551616"),                     "bad content length"       },
        {"2^64 + 5",                     with_line("Content-Length: 18446744073709551621"),                     "bad content length"       },
    };
    expect_rows(rows);
}

TEST(RequestParser, TakesNoExpectationButContinue)
{
    // R12
    const auto post = [](const std::string& lines) {
        return "POST / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n\r\n";
    };
    const Row rows[] = {
        {"with a body",                                 post("Expect: 100-Continue\r\nContent-Length: 5"),
         "POST / HTTP/1.1 host=a length=5 keep-alive expects-continue [Host=a] "
         "[Expect=100-Continue] [Content-Length=5] size=69"                                                                                                                                                },
        {"with chunks",                                 post("Expect: 100-continue\r\nTransfer-Encoding: chunked"),
         "POST / HTTP/1.1 host=a chunked keep-alive expects-continue [Host=a] "
         "[Expect=100-continue] [Transfer-Encoding=chunked] size=78"                                                                                                                                       },
        {"without a body there is nothing to wait for", post("Expect: 100-continue"),
         "POST / HTTP/1.1 host=a none keep-alive [Host=a] [Expect=100-continue] size=50"                                                                                                                   },
        {"with an empty body neither",                  post("Expect: 100-continue\r\nContent-Length: 0"),
         "POST / HTTP/1.1 host=a length=0 keep-alive [Host=a] [Expect=100-continue] "
         "[Content-Length=0] size=69"                                                                                                                                                                      },
        {"HTTP/1.0 does not wait",
         "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",                                    "POST / HTTP/1.0 host= length=5 close [Expect=100-continue] [Content-Length=5] size=60"},
        {"something else",                              post("Expect: 200-ok"),                                     "bad expectation"                                                                      },
        {"nothing",                                     post("Expect:"),                                            "bad expectation"                                                                      },
        {"a list",                                      post("Expect: 100-continue, x"),                            "bad expectation"                                                                      },
        {"twice",                                       post("Expect: 100-continue\r\nExpect: 100-continue"),       "bad expectation"                                                                      },
    };
    expect_rows(rows);
}

TEST(RequestParser, ReadsAllConnectionLinesForKeepAlive)
{
    struct Case {
        const char* lines;
        const char* version;
        bool keep_alive;
    };

    const Case cases[] = {
        {"",                                                "1.1", true },
        {"Connection: close\r\n",                           "1.1", false},
        {"Connection: keep-alive\r\n",                      "1.1", true },
        {"Connection: keep-alive, CLOSE\r\n",               "1.1", false},
        {"Connection: x-foo\r\nConnection: close\r\n",      "1.1", false},
        {"Connection: closed\r\n",                          "1.1", true },
        {"",                                                "1.0", false},
        {"Connection: Keep-Alive\r\n",                      "1.0", true },
        {"Connection: x, keep-alive\r\n",                   "1.0", true },
        {"Connection: keep-alive\r\nConnection: close\r\n", "1.0", false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(std::string(c.version) + " " + c.lines);
        const auto bytes =
            std::string("GET / HTTP/") + c.version + "\r\nHost: a\r\n" + c.lines + "\r\n";
        RequestParser parser;
        RequestHead head;
        const auto size = parser.parse(bytes, head, {});
        ASSERT_TRUE(size && *size);
        EXPECT_EQ(head.keep_alive, c.keep_alive);
    }
}

TEST(RequestParser, KeepsItsLimitsToTheByte)
{
    // R17
    config::LimitSettings limits;
    limits.head_bytes = 60;
    limits.head_fields = 2;
    limits.target_bytes = 20;
    const auto sized = [](std::size_t size) {
        const std::string begin = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
        return begin + std::string(size - begin.size() - 4, 'x') + "\r\n\r\n";
    };
    const Row rows[] = {
        {"the largest head", sized(60),
         "GET / HTTP/1.1 host=a none keep-alive [Host=a] [X=" + std::string(28, 'x') + "] size=60"},
        {"a byte more", sized(61), "head too large"},
        {"a head without an end", "GET / HTTP/1.1\r\nX: " + std::string(60, 'x'), "head too large"},
        {"a method without an end", std::string(61, 'A'), "head too large"},
        {"exactly full and not finished", sized(61).substr(0, 60), "need more"},
        {"empty lines in front are not counted", "\r\n\r\n" + sized(60),
         "GET / HTTP/1.1 host=a none keep-alive [Host=a] [X=" + std::string(28, 'x') + "] size=64"},
        {"a third field", "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\nZ:\r\n", "too many fields"},
        {"the longest target", "GET /" + std::string(19, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n",
         "GET /" + std::string(19, 'a') + " HTTP/1.1 host=a none keep-alive [Host=a] size=46"},
        {"a longer one", "GET /" + std::string(20, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n",
         "target too long"},
        {"one without an end", "GET /" + std::string(80, 'a'), "target too long"},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        EXPECT_EQ(read_request(row.bytes, limits), row.expected);
        EXPECT_EQ(request_differs_when_cut(row.bytes, limits), "");
    }
}

} // namespace
} // namespace gatehouse::gateway
