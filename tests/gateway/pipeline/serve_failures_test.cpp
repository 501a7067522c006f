#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <gtest/gtest.h>

#include <future>

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// A port that nobody listens on.
std::string nowhere()
{
    RawBackend gone([](RawSocket&, std::size_t) {});
    return gone.url();
}

TEST(ServeFailures, AnswersForAnUpstreamThatMisbehaves)
{
    struct Case {
        const char* name;
        std::string_view answer; // then the backend closes
        unsigned status;
        std::string_view code;
    };

    const Case cases[] = {
        {"closes at once",         "",                                                                    502, "upstream_reset"   },
        {"closes inside the head", "HTTP/1.1 200 OK\r\nContent-",                                         502, "upstream_reset"   },
        {"speaks no HTTP",         "220 smtp.example.com ESMTP\r\n\r\n",                                  502, "upstream_protocol"},
        {"has two lengths",        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
         502,                                                                                                  "upstream_protocol"},
        {"has length and chunks",
         "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",           502,
         "upstream_protocol"                                                                                                      },
        {"switches protocols",     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",              502,
         "upstream_protocol"                                                                                                      },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        RawBackend backend([&](RawSocket& socket, std::size_t) {
            (void)read_request(socket);
            socket.send(c.answer);
        });
        TestGateway gateway(public_route_to(backend.url()));
        auto client = gateway.connect();
        for (int i = 0; i < 2; ++i) { // our own connection lives on
            client.send(get);
            const auto answer = read_response(client);
            EXPECT_EQ(answer.status(), c.status);
            EXPECT_NE(answer.body.find(c.code), std::string::npos) << answer.body;
        }
    }
}

TEST(ServeFailures, SaysThatAnUpstreamCannotBeReached)
{
    TestGateway gateway(public_route_to(nowhere()));
    const auto answer = gateway.ask(get);
    EXPECT_EQ(answer.status(), 502U);
    EXPECT_NE(answer.body.find("upstream_unreachable"), std::string::npos);
}

TEST(ServeFailures, GoesToTheNextEndpointWhenOneCannotBeReached)
{
    RawBackend backend(answering(ok("alive")));
    auto settings = public_route_to("pair");
    settings.upstreams["pair"].endpoints = {nowhere(), backend.url()};
    TestGateway gateway(settings);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(gateway.ask(get).body, "alive");
}

TEST(ServeFailures, TakesEndpointsInTurn)
{
    RawBackend one(answering(ok("1")));
    RawBackend two(answering(ok("2")));
    auto settings = public_route_to("pair");
    settings.upstreams["pair"].endpoints = {one.url(), two.url()};
    TestGateway gateway(settings);
    EXPECT_EQ(gateway.ask(get).body, "1");
    EXPECT_EQ(gateway.ask(get).body, "2");
    EXPECT_EQ(gateway.ask(get).body, "1");
}

TEST(ServeFailures, ResolvesNamesAndRefusesUnknownOnes)
{
    RawBackend backend(answering(ok("by name")));
    TestGateway known(public_route_to("http://localhost:" + std::to_string(backend.port())));
    EXPECT_EQ(known.ask(get).body, "by name");
    TestGateway unknown(public_route_to("http://no-such-host.invalid:80"));
    EXPECT_GE(unknown.ask(get).status(), 502U);
}

/// Serves one request on each connection, then dies as soon as the next one has arrived.
RawBackend::Script dying_when_reused()
{
    return [](RawSocket& socket, std::size_t number) {
        if (!read_request(socket).complete) return;
        socket.send(ok(std::to_string(number)));
        if (number == 0) {
            (void)socket.take_through("\r\n\r\n");
            return socket.reset();
        }
        (void)read_request(socket);
    };
}

TEST(ServeFailures, RepeatsWhatMayBeRepeatedWhenAReusedConnectionDied) // R14
{
    struct Case {
        const char* name;
        std::string_view request;
        unsigned status;
    };

    const Case cases[] = {
        {"GET",                       get,                                                         200},
        {"PUT with its body at hand", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
         200                                                                                          },
        {"POST",                      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi", 502},
        {"a method nobody knows",     "BREW / HTTP/1.1\r\nHost: a\r\n\r\n",                        502},
        {"PUT in chunks",
         "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",     502},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        RawBackend backend(dying_when_reused());
        TestGateway gateway(public_route_to(backend.url()));
        auto client = gateway.connect();
        client.send(get);
        EXPECT_EQ(read_response(client).body, "0");
        client.send(c.request);
        EXPECT_EQ(read_response(client).status(), c.status);
        EXPECT_EQ(backend.connections(), c.status == 200 ? 2U : 1U);
    }
}

/// The endpoint itself may be gone, and not its connection alone.
TEST(ServeFailures, RepeatsAtAnotherEndpointWhenTheFirstOneIsGone) // R14
{
    RawBackend gone([&gone](RawSocket& socket, std::size_t) {
        (void)read_request(socket);
        socket.send(ok("gone"));
        gone.listen_no_more();
        (void)read_request(socket);
    });
    RawBackend stays(answering(ok("stays")));
    auto settings = public_route_to("pair");
    settings.upstreams["pair"].endpoints = {gone.url(), stays.url()};
    TestGateway gateway(settings);
    EXPECT_EQ(gateway.ask(get).body, "gone");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(gateway.ask(get).body, "stays");
}

TEST(ServeFailures, RepeatsNothingOnAFreshConnection)
{
    RawBackend backend([](RawSocket& socket, std::size_t) { (void)read_request(socket); });
    TestGateway gateway(public_route_to(backend.url()));
    EXPECT_EQ(gateway.ask(get).status(), 502U);
    EXPECT_EQ(backend.connections(), 1U);
}

TEST(ServeFailures, ShowsTheClientThatAnAnswerIsTruncated) // R16
{
    struct Case {
        const char* name;
        std::string_view request;
        std::string_view answer;
        bool reset; // the backend, at the end
    };

    const Case cases[] = {
        {"a length",                                  get,                      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",                  false},
        {"chunks",                                    get,                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
         false                                                                                                                                             },
        {"chunks to a client that reads until close", "GET / HTTP/1.0\r\n\r\n",
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",                                                                        false},
        {"a reset until-close",                       get,                      "HTTP/1.1 200 OK\r\n\r\nhalf",                                        true },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        std::promise<void> seen;
        auto half_is_there = seen.get_future();
        RawBackend backend([&](RawSocket& socket, std::size_t) {
            (void)read_request(socket);
            socket.send(c.answer);
            half_is_there.wait();
            if (c.reset) socket.reset();
        });
        TestGateway gateway(public_route_to(backend.url()));
        auto client = gateway.connect();
        client.send(c.request);
        while (client.received().find("half") == std::string::npos) client.receive();
        seen.set_value();
        EXPECT_FALSE(read_response(client).complete);
    }
}

TEST(ServeFailures, RefusesAnAnswerWhoseFirstBytesAreFramedWrongly) // R15
{
    for (const auto* chunks :
         {"zz\r\n", "4\r\nhalf\r\nzz\r\n", "4\r\nhalf!!", "0\r\nX y: z\r\n\r\n"}) {
        SCOPED_TRACE(chunks);
        RawBackend backend([&](RawSocket& socket, std::size_t) {
            (void)read_request(socket);
            socket.send(std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") +
                        chunks);
        });
        TestGateway gateway(public_route_to(backend.url()));
        auto client = gateway.connect();
        client.send(get);
        const auto response = read_response(client);
        EXPECT_EQ(response.status(), 502);
        EXPECT_TRUE(response.complete);
        EXPECT_NE(response.body.find("upstream_protocol"), std::string::npos);
    }
}

TEST(ServeFailures, NeverLetsATruncatedUploadLookComplete) // R14
{
    struct Case {
        const char* name;
        std::string_view request; // then the client ends
        bool reset;
    };

    const Case cases[] = {
        {"a length",                 "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf",                  false},
        {"chunks",                   "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
         false                                                                                                             },
        {"chunks without their end",
         "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n",                        false},
        {"a reset",                  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf",                  true },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        std::promise<void> half;
        std::promise<Message> seen;
        RawBackend backend([&](RawSocket& socket, std::size_t) {
            while (socket.received().find("half") == std::string::npos) socket.receive();
            half.set_value();
            seen.set_value(read_request(socket));
        });
        TestGateway gateway(public_route_to(backend.url()));
        auto client = gateway.connect();
        client.send(c.request);
        half.get_future().get();
        if (c.reset) client.reset();
        client.close();
        EXPECT_FALSE(seen.get_future().get().complete);
    }
}

TEST(ServeFailures, CancelsTheUpstreamRequestOfAClientThatLeft)
{
    std::promise<bool> cancelled;
    std::promise<void> asked;
    RawBackend backend([&](RawSocket& socket, std::size_t) {
        (void)read_request(socket);
        asked.set_value();
        cancelled.set_value(socket.is_closed());
    });
    TestGateway gateway(public_route_to(backend.url()));
    auto client = gateway.connect();
    client.send(get);
    asked.get_future().get();
    client.close();
    EXPECT_TRUE(cancelled.get_future().get());
}

TEST(ServeFailures, DeliversAnEarlyAnswerAndEndsTheUpload)
{
    RawBackend backend([](RawSocket& socket, std::size_t) {
        (void)socket.take_through("\r\n\r\n");
        socket.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
        (void)socket.take_all();
    });
    TestGateway gateway(public_route_to(backend.url()));
    auto client = gateway.connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nbeginning");
    const auto answer = read_response(client);
    EXPECT_EQ(answer.status(), 403U);
    EXPECT_EQ(answer.body, "no");
    EXPECT_EQ(answer.field("Connection"), "close");
    EXPECT_TRUE(client.is_closed());
}

TEST(ServeFailures, DeliversTheAnswerOfAnUpstreamThatClosesInsteadOfReading)
{
    RawBackend backend([](RawSocket& socket, std::size_t) {
        (void)socket.take_through("\r\n\r\n");
        socket.send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
        socket.finish_sending();
        (void)socket.take_all();
    });
    TestGateway gateway(public_route_to(backend.url()));
    auto client = gateway.connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n");
    (void)client.send(std::string(200'000, 'x'));
    EXPECT_EQ(read_response(client).status(), 413U);
}

TEST(ServeFailures, EchoesABodyWhileItIsStillComing)
{
    RawBackend backend([](RawSocket& socket, std::size_t) {
        (void)socket.take_through("\r\n\r\n");
        socket.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
        socket.send(socket.take(5));
        socket.send(socket.take(5));
        (void)socket.take_all();
    });
    TestGateway gateway(public_route_to(backend.url()));
    auto client = gateway.connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nfirst");
    (void)client.take_through("\r\n\r\n");
    EXPECT_EQ(client.take(5), "first"); // the answer has begun before the body is there
    client.send("after");
    EXPECT_EQ(client.take(5), "after");
}

} // namespace
} // namespace gatehouse::gateway::test
