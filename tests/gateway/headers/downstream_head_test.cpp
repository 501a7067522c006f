#include "gateway/headers/downstream_head.hpp"
#include "tests/gateway/support/allocation_count.hpp"
#include "tests/gateway/support/heads.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace gatehouse::gateway {
namespace {

using test::has_line;
using testing::HasSubstr;
using testing::Not;

ResponseHead response(unsigned status, std::string_view reason, std::vector<Field> fields)
{
    ResponseHead head;
    head.status = status;
    head.reason = reason;
    head.fields = std::move(fields);
    return head;
}

std::string write(const ResponseHead& head, const Delivery& delivery)
{
    return test::written([&](HeadWriter& out) { write_downstream_head(out, head, delivery); });
}

Delivery of_length(std::uint64_t length)
{
    Delivery delivery;
    delivery.body = {BodyKind::length, length};
    delivery.date = "NOW";
    return delivery;
}

TEST(DownstreamHead, IsTheUpstreamsAnswerWithOurFraming) // R8, R9, R15
{
    const auto head = response(200, "Fine",
                               {
                                   {"Date",               "THEN"        },
                                   {"Content-Type",       "text/plain"  },
                                   {"Connection",         "x-hop, close"},
                                   {"X-Hop",              "1"           },
                                   {"Keep-Alive",         "timeout=5"   },
                                   {"Proxy-Authenticate", "Basic"       },
                                   {"Upgrade",            "h2c"         },
                                   {"Trailer",            "X-Sum"       },
                                   {"Content-Length",     "5"           },
                                   {"content-length",     "5"           },
                                   {"Set-Cookie",         "a=1"         },
                                   {"Set-Cookie",         "b=2"         }
    });
    EXPECT_EQ(write(head, of_length(5)), "HTTP/1.1 200 Fine\r\n"
                                         "Date: THEN\r\n"
                                         "Content-Type: text/plain\r\n"
                                         "Set-Cookie: a=1\r\n"
                                         "Set-Cookie: b=2\r\n"
                                         "Content-Length: 5\r\n\r\n");
}

TEST(DownstreamHead, LetsAnUpstreamNominateNothingThatMatters) // R9
{
    const auto head = response(200, "OK",
                               {
                                   {"Connection",   "set-cookie, content-type, location"},
                                   {"Set-Cookie",   "a=1"                               },
                                   {"Content-Type", "text/plain"                        },
                                   {"Location",     "/x"                                }
    });
    const auto text = write(head, of_length(0));
    for (const auto* line : {"Set-Cookie: a=1", "Content-Type: text/plain", "Location: /x"})
        EXPECT_TRUE(has_line(text, line)) << line;
}

TEST(DownstreamHead, FramesForThisClient)
{
    struct Case {
        const char* name;
        Framing body;
        Version client;
        bool keep_alive;
        std::string expected;
    };

    const auto old = Version::http_1_0;
    const auto now = Version::http_1_1;
    const Case cases[] = {
        {"chunked",             {BodyKind::chunked, 0},     now, true,  "Transfer-Encoding: chunked\r\n"},
        {"length, then closed",
         {BodyKind::length, 2},
         now,                                                    false,
         "Content-Length: 2\r\nConnection: close\r\n"                                                   },
        {"until the end",       {BodyKind::until_close, 0}, now, false, "Connection: close\r\n"         },
        {"HTTP/1.0, kept",
         {BodyKind::length, 2},
         old,                                                    true,
         "Content-Length: 2\r\nConnection: keep-alive\r\n"                                              },
        {"HTTP/1.0, closed",    {BodyKind::until_close, 0}, old, false, "Connection: close\r\n"         },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Delivery delivery;
        delivery.body = c.body;
        delivery.client = c.client;
        delivery.keep_alive = c.keep_alive;
        delivery.date = "NOW";
        const auto head =
            response(200, "OK",
                     {
                         {"Transfer-Encoding", "gzip, chunked"},
                         {"Content-Length",    "99"           }
        });
        EXPECT_EQ(write(head, delivery), "HTTP/1.1 200 OK\r\nDate: NOW\r\n" + c.expected + "\r\n");
    }
}

TEST(DownstreamHead, KeepsTheLengthOfABodyThatIsLeftOutOnPurpose) // RFC 9110, 8.6
{
    Delivery none;
    none.date = "NOW";
    const auto not_modified = response(304, "Not Modified",
                                       {
                                           {"Content-Length", "5"}
    });
    EXPECT_TRUE(has_line(write(not_modified, none), "Content-Length: 5"));
    const auto empty = response(204, "No Content",
                                {
                                    {"Content-Length", "0"}
    });
    EXPECT_THAT(write(empty, none), Not(HasSubstr("Content-Length")));
    none.head_request = true;
    const auto head = response(200, "OK",
                               {
                                   {"Content-Length", "5"},
                                   {"Content-Length", "5"}
    });
    EXPECT_TRUE(has_line(write(head, none), "Content-Length: 5"));
    const auto chunked = response(200, "OK",
                                  {
                                      {"Transfer-Encoding", "chunked"}
    });
    EXPECT_THAT(write(chunked, none), Not(HasSubstr("Transfer-Encoding")));
    // Of these nobody may say a length, whatever was asked.
    for (const unsigned status : {103U, 204U}) {
        const auto bodiless = response(status, "",
                                       {
                                           {"Content-Length", "5"}
        });
        EXPECT_THAT(write(bodiless, none), Not(HasSubstr("Content-Length"))) << status;
    }
}

TEST(DownstreamHead, PassesInterimAnswersOnPlainly) // RFC 9110, 15.2
{
    Delivery delivery;
    delivery.date = "NOW";
    delivery.keep_alive = false;
    EXPECT_EQ(write(response(103, "Early Hints",
                             {
                                 {"Link",       "</a>"},
                                 {"Connection", "x"   }
    }),
                    delivery),
              "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
}

TEST(DownstreamHead, SpeaksAloneAboutCorsWhereTheRouteHasRules)
{
    config::CorsSettings cors;
    cors.origins = {"https://a.example"};
    auto delivery = of_length(0);
    const auto head = response(200, "OK",
                               {
                                   {"Access-Control-Allow-Origin",      "*"     },
                                   {"access-control-allow-credentials", "true"  },
                                   {"Vary",                             "Accept"}
    });
    EXPECT_TRUE(has_line(write(head, delivery), "Access-Control-Allow-Origin: *"));

    delivery.cors = &cors;
    delivery.origin = "https://evil.example";
    const auto stranger = write(head, delivery);
    EXPECT_THAT(stranger, Not(HasSubstr("llow-")));
    EXPECT_TRUE(has_line(stranger, "Vary: Accept"));
    EXPECT_TRUE(has_line(stranger, "Vary: Origin"));
    delivery.origin = "https://a.example";
    EXPECT_TRUE(has_line(write(head, delivery), "Access-Control-Allow-Origin: https://a.example"));
}

TEST(LocalHead, LeavesOutFieldsThatWouldBreakIt) // R22
{
    const std::vector<std::pair<std::string, std::string>> fields = {
        {"Content-Type",   "application/json"    },
        {"Set-Cookie",     "a=1\r\nX-Evil: 1"    },
        {"X-Evil: 1\r\nX", "1"                   },
        {"",               "1"                   },
        {"X-Nul",          std::string{"a\0b", 3}},
        {"X-Tab",          "a\tb"                }
    };
    EXPECT_EQ(
        test::written([&](HeadWriter& out) { write_local_head(out, 201, fields, of_length(7)); }),
        "HTTP/1.1 201 Created\r\n"
        "Content-Type: application/json\r\n"
        "X-Tab: a\tb\r\n"
        "Date: NOW\r\n"
        "Content-Length: 7\r\n\r\n");
}

TEST(LocalHead, SaysNoLengthWhereNoBodyCanBe) // RFC 9110, 8.6
{
    EXPECT_EQ(test::written([&](HeadWriter& out) { write_local_head(out, 204, {}, of_length(0)); }),
              "HTTP/1.1 204 No Content\r\nDate: NOW\r\n\r\n");
}

TEST(DownstreamHead, AllocatesNothing)
{
    if (!test::counts_allocations()) GTEST_SKIP();
    const auto head = response(200, "OK",
                               {
                                   {"Connection", "x-hop"},
                                   {"X-Hop",      "1"    },
                                   {"A",          "1"    }
    });
    const auto delivery = of_length(5);
    std::array<char, 1024> room{};
    EXPECT_EQ(test::allocations_of([&] {
                  HeadWriter out{room};
                  write_downstream_head(out, head, delivery);
              }),
              0U);
}

} // namespace
} // namespace gatehouse::gateway
