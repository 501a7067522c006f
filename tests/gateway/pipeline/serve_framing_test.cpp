#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <gtest/gtest.h>

#include <future>

namespace gatehouse::gateway::test {
namespace {

constexpr std::string_view get = "GET /a?b=c HTTP/1.1\r\nHost: example.com\r\n\r\n";
constexpr std::string_view get_1_0 = "GET /a HTTP/1.0\r\n\r\n";

TEST(ServeFraming, RelaysEveryFramingOfAnAnswer)
{
    struct Case {
        const char* name;
        std::string_view request;
        std::string_view answer; // the backend closes behind it
        unsigned status;
        std::string_view body;
        std::string_view framing; // a field line the client gets
    };

    const Case cases[] = {
        {"a length",                                     get,                                  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello",
         "Content-Length: 5"                                                                                                                                                                  },
        {"an empty length",                              get,                                  "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",      200, "",
         "Content-Length: 0"                                                                                                                                                                  },
        {"chunks",                                       get,
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",                                                   200, "hello", "Transfer-Encoding: chunked"},
        {"chunks with extensions",                       get,
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n",                                                        200,
         "hello",                                                                                                                                                 "Transfer-Encoding: chunked"},
        {"until close becomes chunks",                   get,                                  "HTTP/1.1 200 OK\r\n\r\nhello",                      200, "hello",
         "Transfer-Encoding: chunked"                                                                                                                                                         },
        {"until close from HTTP/1.0",                    get,                                  "HTTP/1.0 200 OK\r\n\r\nhello",                      200, "hello",
         "Transfer-Encoding: chunked"                                                                                                                                                         },
        {"204",                                          get,                                  "HTTP/1.1 204 No Content\r\n\r\n",                   204, "",      ""                          },
        {"304",                                          get,                                  "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n",  304, "",      "ETag: \"x\""               },
        {"304 with the length of what it does not send", get,
         "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",                                                                                  304, "",      ""                          },
        {"HEAD",                                         "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
         "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",                                                                                            200, "",      "Content-Length: 5"         },
        {"a length to HTTP/1.0",                         get_1_0,                              "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200,
         "hello",                                                                                                                                                 "Content-Length: 5"         },
        {"chunks to HTTP/1.0 become until close",        get_1_0,
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",                                                            200,
         "hello",                                                                                                                                                 "Connection: close"         },
        {"until close to HTTP/1.0",                      get_1_0,                              "HTTP/1.0 200 OK\r\n\r\nhello",                      200, "hello",
         "Connection: close"                                                                                                                                                                  },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        RawBackend backend([&](RawSocket& socket, std::size_t) {
            (void)read_request(socket);
            socket.send(c.answer);
        });
        TestGateway gateway(public_route_to(backend.url()));
        const auto answer = gateway.ask(c.request);
        EXPECT_TRUE(answer.complete);
        EXPECT_EQ(answer.status(), c.status);
        EXPECT_EQ(answer.body, c.body);
        EXPECT_NE(answer.head.find(c.framing), std::string::npos) << answer.head;
    }
}

TEST(ServeFraming, RelaysEveryFramingOfARequest)
{
    struct Case {
        const char* name;
        std::string_view request;
        std::string_view body;
        std::string_view framing; // a field line the upstream gets; empty: none
    };

    const Case cases[] = {
        {"no body",                "GET / HTTP/1.1\r\nHost: a\r\n\r\n",                            "",      ""                          },
        {"a length",               "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", "hello",
         "Content-Length: 5"                                                                                                            },
        {"an empty length",        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",      "",
         "Content-Length: 0"                                                                                                            },
        {"a length from HTTP/1.0", "POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello",            "hello",
         "Content-Length: 5"                                                                                                            },
        {"chunks",
         "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
         "3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",                                                   "hello", "Transfer-Encoding: chunked"},
    };
    for (const auto& c : cases) {
        for (const bool in_pieces : {false, true}) {
            SCOPED_TRACE(std::string(c.name) + (in_pieces ? ", byte by byte" : ""));
            std::promise<Message> seen;
            RawBackend backend([&](RawSocket& socket, std::size_t) {
                auto request = read_request(socket);
                socket.send(ok("thanks"));
                seen.set_value(std::move(request));
            });
            TestGateway gateway(public_route_to(backend.url()));
            auto client = gateway.connect();
            const std::size_t step = in_pieces ? 1 : c.request.size();
            for (std::size_t at = 0; at < c.request.size(); at += step) {
                client.send(c.request.substr(at, step));
            }
            EXPECT_EQ(read_response(client).body, "thanks");
            const auto request = seen.get_future().get();
            EXPECT_TRUE(request.complete);
            EXPECT_EQ(request.body, c.body);
            EXPECT_EQ(request.head.find("x=y"), std::string::npos);
            if (c.framing.empty()) {
                EXPECT_EQ(request.head.find("Content-Length"), std::string::npos);
                EXPECT_EQ(request.head.find("Transfer-Encoding"), std::string::npos);
            } else {
                EXPECT_NE(request.head.find(c.framing), std::string::npos) << request.head;
            }
        }
    }
}

TEST(ServeFraming, CarriesHarmlessTrailersBothWaysAndDropsTheOthers)
{
    std::promise<Message> seen;
    RawBackend backend([&](RawSocket& socket, std::size_t) {
        auto request = read_request(socket);
        socket.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"
                    "0\r\nDigest: down\r\nSet-Cookie: a=b\r\nX-User-Id: eve\r\n\r\n");
        seen.set_value(std::move(request));
    });
    TestGateway gateway(public_route_to(backend.url()));
    const auto answer =
        gateway.ask("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n"
                    "0\r\nDigest: up\r\nX_User_Id: eve\r\nAuthorization: Bearer x\r\n\r\n");
    const auto request = seen.get_future().get();
    EXPECT_NE(request.head.find("Digest: up"), std::string::npos);
    EXPECT_EQ(request.head.find("eve"), std::string::npos); // R5
    EXPECT_EQ(request.head.find("Bearer"), std::string::npos);
    EXPECT_NE(answer.head.find("Digest: down"), std::string::npos);
    EXPECT_EQ(answer.head.find("eve"), std::string::npos);
}

TEST(ServeFraming, PassesInterimAnswersToClientsThatKnowThem)
{
    RawBackend backend(answering("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + ok("x")));
    TestGateway gateway(public_route_to(backend.url()));

    auto client = gateway.connect();
    client.send(get);
    const auto hints = read_response(client);
    EXPECT_EQ(hints.status(), 103U);
    EXPECT_EQ(hints.field("Link"), "</a.css>");
    EXPECT_EQ(read_response(client).body, "x");
    EXPECT_EQ(gateway.ask(get_1_0).status(), 200U);
}

TEST(ServeFraming, SendsNoBodyBeforeTheUpstreamSaysContinue)
{
    std::promise<bool> waited;
    RawBackend backend([&](RawSocket& socket, std::size_t) {
        const auto head = socket.take_through("\r\n\r\n");
        const bool expected = head.find("100-continue") != std::string::npos;
        const bool silent = socket.is_silent_for(std::chrono::milliseconds{100});
        socket.send("HTTP/1.1 100 Continue\r\n\r\n");
        const auto body = socket.take(5);
        socket.send(ok(body));
        waited.set_value(expected && silent);
    });
    TestGateway gateway(public_route_to(backend.url()));
    auto client = gateway.connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(read_response(client).status(), 100U);
    client.send("hello");
    EXPECT_EQ(read_response(client).body, "hello");
    EXPECT_TRUE(waited.get_future().get());
}

TEST(ServeFraming, SaysNoContinueToWhoeverIsRefused) // R12
{
    RawBackend backend(answering(ok("never")));
    auto settings = public_route_to(backend.url());
    settings.routes.front().auth = config::AuthMode::required;
    TestGateway gateway(settings);
    const auto answer = gateway.ask(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(answer.status(), 401U);
    EXPECT_EQ(answer.field("Connection"), "close"); // the body may come or not
    EXPECT_EQ(backend.connections(), 0U);
}

TEST(ServeFraming, AnswersPipelinedRequestsInOrder)
{
    RawBackend backend([](RawSocket& socket, std::size_t) {
        for (;;) {
            const auto request = read_request(socket);
            if (!request.complete) return;
            socket.send(ok(request.head.substr(0, request.head.find(" HTTP")) + request.body));
        }
    });
    TestGateway gateway(public_route_to(backend.url()));
    auto client = gateway.connect();
    client.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
                "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
                "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                "2\r\nde\r\n0\r\n\r\n"
                "GET /4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(read_response(client).body, "GET /1");
    EXPECT_EQ(read_response(client).body, "POST /2abc");
    EXPECT_EQ(read_response(client).body, "POST /3de");
    EXPECT_EQ(read_response(client).body, "GET /4");
    EXPECT_TRUE(client.is_closed());
}

TEST(ServeFraming, KeepsTheNextRequestThatCameBehindAChunkedBodyInAnotherBlock)
{
    RawBackend backend([](RawSocket& socket, std::size_t) {
        for (;;) {
            const auto request = read_request(socket);
            if (!request.complete) return;
            socket.send(ok(std::to_string(request.body.size())));
        }
    });
    TestGateway gateway(public_route_to(backend.url()));
    auto client = gateway.connect();
    client.send("POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    std::string rest;
    for (int i = 0; i < 40; ++i) rest += "1000\r\n" + std::string(4096, 'x') + "\r\n";
    rest += "0\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n";
    client.send(rest);
    EXPECT_EQ(read_response(client).body, "163840");
    EXPECT_EQ(read_response(client).body, "0");
}

TEST(ServeFraming, ReusesTheConnectionsOfBothSides)
{
    RawBackend backend(answering(ok("again")));
    TestGateway gateway(public_route_to(backend.url()));
    auto client = gateway.connect();
    for (int i = 0; i < 5; ++i) {
        client.send(get);
        EXPECT_EQ(read_response(client).body, "again");
    }
    EXPECT_EQ(backend.connections(), 1U);
}

TEST(ServeFraming, DropsAnUpstreamConnectionWithLeftoverBytes) // R15
{
    RawBackend backend(answering(ok("mine") + ok("poison")));
    TestGateway gateway(public_route_to(backend.url()));
    auto client = gateway.connect();
    for (int i = 0; i < 3; ++i) {
        client.send(get);
        EXPECT_EQ(read_response(client).body, "mine");
    }
    EXPECT_EQ(backend.connections(), 3U);
}

TEST(ServeFraming, DropsAnIdleUpstreamConnectionThatSpeaksUnasked) // R15
{
    std::promise<void> poisoned;
    RawBackend backend([&](RawSocket& socket, std::size_t number) {
        if (!read_request(socket).complete) return;
        socket.send(ok("mine"));
        if (number == 0) {
            socket.send(ok("poison"));
            (void)socket.take_all(); // until the gateway has dropped it
            poisoned.set_value();
        }
    });
    TestGateway gateway(public_route_to(backend.url()));
    auto client = gateway.connect();
    client.send(get);
    EXPECT_EQ(read_response(client).body, "mine");
    poisoned.get_future().get();
    client.send(get);
    EXPECT_EQ(read_response(client).body, "mine");
}

} // namespace
} // namespace gatehouse::gateway::test
