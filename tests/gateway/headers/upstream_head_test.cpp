#include "tests/gateway/headers/upstream_head_fixture.hpp"
#include "tests/gateway/support/allocation_count.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace gatehouse::gateway::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr auto known_trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST_F(UpstreamHead, IsTheClientsRequestInOurOwnWords) // R8
{
    principal = &user;
    query = "?q=a%2f..//b;c&d=%zz";
    const auto head = write(request("GET", "/orders/1",
                                    {
                                        {"Host",        "client.example"},
                                        {"Accept",      "*/*"           },
                                        {"X-Custom",    "kept"          },
                                        {"traceparent", known_trace     }
    }));
    EXPECT_EQ(head, std::string{"GET /orders/1?q=a%2f..//b;c&d=%zz HTTP/1.1\r\n"
                                "Host: client.example\r\n"
                                "Accept: */*\r\n"
                                "X-Custom: kept\r\n"
                                "X-Request-Id: req-1\r\n"
                                "X-Forwarded-For: 192.0.2.7\r\n"
                                "X-Forwarded-Proto: http\r\n"
                                "X-Forwarded-Host: client.example\r\n"
                                "traceparent: "} +
                        known_trace + "\r\nX-User-Id: user-1\r\n\r\n");
}

TEST_F(UpstreamHead, WritesFramingOnceAndFromWhatWasUnderstood) // R1, R3, R8
{
    const std::vector<Field> sent = {
        {"Content-Length",    "7"      },
        {"content-length",    "7"      },
        {"Transfer-Encoding", "chunked"},
        {"Content_Length",    "9"      },
        {"transfer_encoding", "chunked"}
    };

    struct Case {
        const char* name;
        Framing body;
        std::vector<std::string> expected;
    };

    const Case cases[] = {
        {"none",    {BodyKind::none, 0},    {}                            },
        {"length",  {BodyKind::length, 7},  {"Content-Length: 7"}         },
        {"empty",   {BodyKind::length, 0},  {"Content-Length: 0"}         },
        {"chunked", {BodyKind::chunked, 0}, {"Transfer-Encoding: chunked"}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        body = c.body;
        EXPECT_EQ(passed(sent), c.expected);
    }
    body = {BodyKind::chunked, 0};
    EXPECT_THAT(passed({
                    {"Trailer", "X-Sum"}
    }),
                ElementsAre("Trailer: X-Sum", "Transfer-Encoding: chunked"));
}

TEST_F(UpstreamHead, AsksForTheBodyOnlyWhenTold) // R12
{
    EXPECT_THAT(passed({
                    {"Expect", "100-continue"}
    }),
                ElementsAre());
    expect_continue = true;
    EXPECT_THAT(passed({
                    {"Expect", "100-continue"}
    }),
                ElementsAre("Expect: 100-continue"));
}

TEST_F(UpstreamHead, KeepsCredentialsToItself)
{
    const std::vector<Field> sent = {
        {"Authorization", "Bearer secret"                     },
        {"Cookie",        "a=1; refresh_token=secret; b=\"2\""}
    };
    EXPECT_THAT(passed(sent), ElementsAre("Cookie: a=1; b=\"2\""));
    route_settings.forward_authorization = true;
    EXPECT_THAT(passed(sent), ElementsAre("Authorization: Bearer secret", "Cookie: a=1; b=\"2\""))
        << "the refresh token is not what a service verifies";
    route_settings.forward_cookies = true;
    EXPECT_THAT(passed(sent), ElementsAre("Authorization: Bearer secret",
                                          "Cookie: a=1; refresh_token=secret; b=\"2\""));
    route_settings.forward_authorization = false;
    EXPECT_THAT(passed(sent), ElementsAre("Cookie: a=1; refresh_token=secret; b=\"2\""));
}

TEST_F(UpstreamHead, SendsOneHost) // R8
{
    const std::vector<Field> sent = {
        {"Host", "client.example"}
    };
    EXPECT_TRUE(has_line(write(request("GET", "/", sent)), "Host: client.example"));
    EXPECT_TRUE(has_line(write(request("GET", "/", sent, "absolute.example:81")),
                         "Host: absolute.example:81"));
    EXPECT_TRUE(has_line(write(request("GET", "/", {}, "")), "Host: 10.0.0.1:8080"));
    route_settings.host_header = config::HostHeader::upstream;
    const auto head = write(request("GET", "/", sent));
    EXPECT_TRUE(has_line(head, "Host: 10.0.0.1:8080"));
    EXPECT_TRUE(has_line(head, "X-Forwarded-Host: client.example"));
}

TEST_F(UpstreamHead, BelievesForwardingFieldsOfTrustedPeersOnly) // R24
{
    const std::vector<Field> sent = {
        {"X-Forwarded-For",   "203.0.113.9"    },
        {"x-forwarded-for",   "10.9.9.9"       },
        {"X-Forwarded-Proto", "https"          },
        {"X-Forwarded-Host",  "public.example" },
        {"X-Forwarded-Port",  "443"            },
        {"Forwarded",         "for=203.0.113.9"},
        {"X_Forwarded_For",   "6.6.6.6"        },
        {"X-Forwarded_Proto", "gopher"         }
    };
    const auto stranger = write(request("GET", "/", sent));
    EXPECT_TRUE(has_line(stranger, "X-Forwarded-For: 192.0.2.7"));
    EXPECT_TRUE(has_line(stranger, "X-Forwarded-Proto: http"));
    EXPECT_TRUE(has_line(stranger, "X-Forwarded-Host: client.example"));
    EXPECT_THAT(stranger, Not(HasSubstr("203.0.113.9")));
    EXPECT_THAT(stranger, Not(HasSubstr(": 443"))); // a random trace id may have these digits

    trusted = true;
    const auto proxy = write(request("GET", "/", sent));
    EXPECT_TRUE(has_line(proxy, "X-Forwarded-For: 203.0.113.9, 10.9.9.9, 192.0.2.7"));
    EXPECT_TRUE(has_line(proxy, "X-Forwarded-Proto: https"));
    EXPECT_TRUE(has_line(proxy, "X-Forwarded-Host: public.example"));
    EXPECT_TRUE(has_line(proxy, "X-Forwarded-Port: 443"));
    EXPECT_THAT(proxy, Not(HasSubstr("\nForwarded: "))) << "it writes the other one";
    EXPECT_THAT(proxy, Not(HasSubstr("6.6.6.6"))); // only the exact spelling
    EXPECT_THAT(proxy, Not(HasSubstr("gopher")));
    EXPECT_THAT(proxy, Not(HasSubstr("Proto: http\r")));

    tls = true;
    EXPECT_TRUE(has_line(write(request("GET", "/")), "X-Forwarded-Proto: https"));
}

TEST_F(UpstreamHead, SaysOneSchemeAndOneHost)
{
    trusted = true;
    settings.trusted_proxies = {"192.0.2.0/24"};
    const auto head = write(request("GET", "/",
                                    {
                                        {"Host",              "client.example"            },
                                        {"X-Forwarded-For",   "1.1.1.1, 203.0.113.9"      },
                                        {"X-Forwarded-Proto", "https"                     },
                                        {"X-Forwarded-Proto", "http"                      },
                                        {"X-Forwarded-Host",  "evil.example, real.example"},
                                        {"X-Forwarded-Host",  "a/b"                       }
    }));
    EXPECT_TRUE(has_line(head, "X-Forwarded-For: 1.1.1.1, 203.0.113.9, 192.0.2.7"));
    EXPECT_TRUE(has_line(head, "X-Forwarded-Proto: http"));
    EXPECT_THAT(head, Not(HasSubstr("https")));
    EXPECT_TRUE(has_line(head, "X-Forwarded-Host: client.example")) << "what is no host says none";
}

TEST_F(UpstreamHead, BelievesForwardedWhereThatIsWritten)
{
    const std::vector<Field> sent = {
        {"X-Forwarded-For",    "6.6.6.6"                                                      },
        {"X-Forwarded-Proto",  "gopher"                                                       },
        {"X-Forwarded-Host",   "evil.example"                                                 },
        {"X-Forwarded-Prefix", "/evil"                                                        },
        {"X-Real-IP",          "6.6.6.6"                                                      },
        {"Forwarded",          "for=1.1.1.1, for=\"[2001:db8::9]:1\";proto=https;host=\"a:1\""},
        {"Forwarded",          "for=192.0.2.6"                                                }
    };
    trusted = true;
    settings.trusted_proxies = {"192.0.2.0/24"};
    settings.client_address = config::ClientAddress::forwarded;
    const auto head = write(request("GET", "/", sent));
    EXPECT_TRUE(has_line(head, "X-Forwarded-For: 2001:db8::9, 192.0.2.6, 192.0.2.7"));
    EXPECT_TRUE(has_line(head, "X-Forwarded-Proto: https"));
    EXPECT_TRUE(has_line(head, "X-Forwarded-Host: a:1"));
    EXPECT_THAT(head, Not(HasSubstr("6.6.6.6")));
    EXPECT_THAT(head, Not(HasSubstr("1.1.1.1")));
    EXPECT_THAT(head, Not(HasSubstr("evil")));
    EXPECT_THAT(head, Not(HasSubstr("\nForwarded: ")));
}

TEST_F(UpstreamHead, WritesForwardedWhereItIsAskedTo)
{
    settings.send_forwarded = true;
    settings.trusted_proxies = {"192.0.2.0/24"};
    EXPECT_TRUE(
        has_line(write(request("GET", "/",
                               {
                                   {"Host",      "a.example:80"},
                                   {"Forwarded", "for=6.6.6.6" }
    })),
                 "Forwarded: for=192.0.2.7;host=\"client.example\";proto=http"));
    trusted = true;
    EXPECT_TRUE(has_line(write(request("GET", "/",
                                       {
                                           {"Host",              "a.example"               },
                                           {"X-Forwarded-For",   "2001:db8::9, 192.0.2.6:9"},
                                           {"X-Forwarded-Proto", "https"                   },
                                           {"X-Forwarded-Host",  "b.example"               }
    })),
                         "Forwarded: for=\"[2001:db8::9]\";host=\"b.example\";proto=https, "
                         "for=192.0.2.6, for=192.0.2.7"));
}

TEST_F(UpstreamHead, PassesXRealIpOnFromTrustedPeersOnly)
{
    const std::vector<Field> sent = {
        {"X-Real-IP", "6.6.6.6"}
    };
    EXPECT_THAT(passed(sent), ElementsAre());
    trusted = true;
    EXPECT_THAT(passed(sent), ElementsAre("X-Real-IP: 6.6.6.6"));
}

TEST_F(UpstreamHead, TellsOfAPeerThatNamesAClientAndIsNotTrusted)
{
    struct Case {
        const char* field;
        bool trusted;
        bool unheard;
    };

    const Case cases[] = {
        {"X-Forwarded-For",   false, true },
        {"forwarded",         false, true },
        {"X-Forwarded-Proto", false, false},
        {"X-Request-Id",      false, false},
        {"X-Forwarded-For",   true,  false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.field);
        trusted = c.trusted;
        unheard = false;
        (void)write(request("GET", "/",
                            {
                                {c.field, "203.0.113.9"}
        }));
        EXPECT_EQ(unheard, c.unheard);
    }
}

TEST_F(UpstreamHead, ContinuesAWellFormedTraceAndBeginsOneOtherwise)
{
    const auto whole = write(request("GET", "/",
                                     {
                                         {"TraceParent", known_trace},
                                         {"tracestate",  "a=1"      }
    }));
    EXPECT_TRUE(has_line(whole, std::string{"traceparent: "} + known_trace));
    EXPECT_TRUE(has_line(whole, "tracestate: a=1"));

    const std::string_view malformed[] = {
        "",
        "garbage",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra",
        "00-0af7651916cd43dd8448eb211c80319cXb7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333z-01",
    };
    for (const auto value : malformed) {
        SCOPED_TRACE(value);
        const auto begun = write(request("GET", "/",
                                         {
                                             {"traceparent", value},
                                             {"tracestate",  "a=1"}
        }));
        EXPECT_THAT(begun,
                    testing::ContainsRegex("traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-01\r\nX?"));
        EXPECT_THAT(begun, Not(HasSubstr("tracestate")));
        EXPECT_FALSE(has_line(begun, "traceparent: " + std::string{value}));
    }
    const auto twice =
        write(request("GET", "/",
                      {
                          {"traceparent", known_trace},
                          {"traceparent", known_trace}
    }));
    EXPECT_THAT(twice, Not(HasSubstr(known_trace)));
    EXPECT_NE(write(request("GET", "/")), write(request("GET", "/"))) << "each trace is new";
}

TEST_F(UpstreamHead, ForwardsTheJudgedPathWithoutItsPrefix) // R23
{
    struct Case {
        std::string_view path;
        std::string_view strip;
        std::string_view expected;
    };

    const Case cases[] = {
        {"/admin/x",       "",        "/admin/x"      },
        {"/admin/x",       "/",       "/admin/x"      },
        {"/admin/x",       "/admin",  "/x"            },
        {"/admin/x",       "/admin/", "/x"            },
        {"/admin",         "/admin",  "/"             },
        {"/admin/",        "/admin",  "/"             },
        {"/administrator", "/admin",  "/administrator"}, // only at a segment boundary
        {"/a/b/c%20d",     "/a/b",    "/c%20d"        },
        {"/a",             "/a/b",    "/a"            },
        {"/%40me/x",       "/@me",    "/x"            },
        {"/a;v=1/x",       "/a",      "/x"            },
        {"/Admin/x",       "/admin",  "/Admin/x"      },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(std::string{c.path} + " without " + std::string{c.strip});
        EXPECT_EQ(forwarded_path(c.path, c.strip), c.expected);
        route_settings.strip_prefix = c.strip;
        EXPECT_TRUE(has_line(write(request("GET", c.path)),
                             "GET " + std::string{c.expected} + " HTTP/1.1"));
    }
}

TEST_F(UpstreamHead, SaysWhenTheRoomIsTooSmall)
{
    std::array<char, 64> room{};
    HeadWriter out{room};
    const HeaderPolicy policy{settings};
    const ClientRules clients;
    const Forwarding forwarding{
        policy, ids, {"192.0.2.7", false, false},
          clients, "req-1", "u", {}
    };
    const auto head = request("GET", "/");
    write_upstream_head(out, head, Admission{&route, "/", {}, nullptr}, forwarding);
    EXPECT_TRUE(out.overflowed());
    EXPECT_LE(out.size(), room.size());
}

TEST_F(UpstreamHead, AllocatesNothing)
{
    if (!counts_allocations()) GTEST_SKIP();
    const HeaderPolicy policy{settings};
    const ClientRules clients;
    const Forwarding forwarding{
        policy, ids, {"192.0.2.7", false, false},
          clients, "req-1", "u", {}
    };
    const auto head = request("GET", "/a",
                              {
                                  {"Connection", "x-a"                 },
                                  {"Cookie",     "a=1; refresh_token=2"},
                                  {"X-A",        "1"                   },
                                  {"Accept",     "*/*"                 }
    });
    std::array<char, 2048> room{};
    const Admission admission{&route, "/a", {}, &user};
    EXPECT_EQ(allocations_of([&] {
                  HeadWriter out{room};
                  write_upstream_head(out, head, admission, forwarding);
              }),
              0U);
}

} // namespace
} // namespace gatehouse::gateway::test
