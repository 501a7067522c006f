#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <gtest/gtest.h>

#include <future>

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// Every path needs a token.
config::Settings protected_route_to(const std::string& upstream)
{
    auto settings = public_route_to(upstream);
    settings.routes.front().auth = config::AuthMode::required;
    return settings;
}

TEST(ServeRefusals, LetTheConnectionLiveOnlyWhenNothingOfTheRequestCanStillCome) // R11
{
    struct Case {
        const char* name;
        std::string request;
        bool kept;
    };

    const Case cases[] = {
        {"no body",                "GET / HTTP/1.1\r\nHost: a\r\n\r\n",                           true },
        {"a whole small body",     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",  true },
        {"a whole chunked body",
         "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", true },
        {"half a body",            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc",  false},
        {"half a chunked body",
         "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",          false},
        {"the client asks for it", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",      false},
        {"HTTP/1.0",               "GET / HTTP/1.0\r\n\r\n",                                      false},
    };
    RawBackend backend(answering(ok("never")));
    TestGateway gateway(protected_route_to(backend.url()));
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        auto client = gateway.connect();
        client.send(c.request);
        const auto answer = read_response(client);
        EXPECT_EQ(answer.status(), 401U);
        EXPECT_EQ(answer.field("Connection"), c.kept ? "" : "close");
        if (c.kept) {
            client.send(get);
            EXPECT_EQ(read_response(client).status(), 401U);
        } else {
            client.finish_sending();
            EXPECT_EQ(client.take_all(), "");
            EXPECT_EQ(client.end(), RawSocket::End::closed); // and no reset
        }
    }
    EXPECT_EQ(backend.connections(), 0U);
}

TEST(ServeRefusals, NeverReadABodyAsARequest) // R11
{
    RawBackend backend(answering(ok("smuggled")));
    auto settings = protected_route_to(backend.url());
    auto open = settings.routes.front();
    open.match = "/open";
    open.auth = config::AuthMode::none;
    settings.routes.push_back(open);
    TestGateway gateway(settings);
    auto client = gateway.connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
    EXPECT_EQ(read_response(client).status(), 401U);
    client.send("GET /open HTTP/1.1\r\nHost: a\r\n\r\n");
    client.finish_sending();
    EXPECT_EQ(client.take_all(), "");
    EXPECT_EQ(backend.connections(), 0U);
}

TEST(ServeRefusals, AreSeenByAClientThatIsStillSending) // R11
{
    RawBackend backend(answering(ok("never")));
    auto settings = protected_route_to(backend.url());
    TestGateway gateway(settings);
    auto client = gateway.connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
    EXPECT_TRUE(client.send(std::string(200'000, 'x'))); // below linger_bytes
    const auto answer = read_response(client);
    EXPECT_EQ(answer.status(), 401U);
    client.finish_sending();
    EXPECT_EQ(client.take_all(), "");
    EXPECT_EQ(client.end(), RawSocket::End::closed);
}

TEST(ServeRefusals, DoNotListenForEver)
{
    RawBackend backend(answering(ok("never")));
    auto settings = protected_route_to(backend.url());
    settings.deadlines.linger = 100ms;
    TestGateway by_time(settings);
    auto client = by_time.connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
    EXPECT_EQ(read_response(client).status(), 401U);
    EXPECT_TRUE(client.is_closed());
    const auto closed = [&] { return !client.send("x") || !client.is_silent_for(50ms); };
    for (int i = 0; i < 100 && !closed(); ++i) {
    }
    EXPECT_TRUE(closed());

    settings.deadlines.linger = 60s;
    TestGateway by_bytes(settings);
    auto eager = by_bytes.connect();
    eager.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n");
    EXPECT_FALSE(eager.send(std::string(64 << 20, 'x')));
}

TEST(ServeRefusals, OfBadHeadsCloseTheConnection) // R1, R3, R6, R7, R17
{
    struct Case {
        const char* name;
        std::string request;
        unsigned status;
    };

    const Case cases[] = {
        {"no HTTP", "hello\r\n\r\n", 400},
        {"two framings",
         "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
         "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
        {"a head that is too large",
         "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(40'000, 'x') + "\r\n\r\n", 431},
        {"a target that is too long", "GET /" + std::string(9'000, 'x') + " HTTP/1.1\r\n\r\n", 414},
        {"another coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
    };
    RawBackend backend(answering(ok("never")));
    TestGateway gateway(public_route_to(backend.url()));
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        auto client = gateway.connect();
        client.send(c.request);
        const auto answer = read_response(client);
        EXPECT_EQ(answer.status(), c.status);
        EXPECT_EQ(answer.field("Connection"), "close");
        client.finish_sending();
        EXPECT_EQ(client.take_all(), "");
    }
    EXPECT_EQ(backend.connections(), 0U);
}

TEST(ServeRefusals, BoundTheBodyHoweverItIsFramed)
{
    const std::string over_length =
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n12345678901";
    const std::string over_in_chunks =
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
        "\r\n6\r\n123456\r\n5\r\n78901\r\n0\r\n\r\n";
    const std::string within = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n1234567890";
    RawBackend backend(answering(ok("fine")));
    auto settings = public_route_to(backend.url());
    settings.limits.max_body_bytes = 10;
    TestGateway by_limit(settings);
    EXPECT_EQ(by_limit.ask(over_length).status(), 413U);
    EXPECT_EQ(by_limit.ask(over_in_chunks).status(), 413U);
    EXPECT_EQ(by_limit.ask(within).status(), 200U);

    settings.routes.front().max_body_bytes = 20;
    TestGateway by_route(settings);
    EXPECT_EQ(by_route.ask(over_length).status(), 200U);
    EXPECT_EQ(by_route.ask(over_in_chunks).status(), 200U);
}

TEST(ServeRefusals, OfBadChunksStopTheUpload) // R4
{
    std::promise<bool> complete;
    RawBackend backend(
        [&](RawSocket& socket, std::size_t) { complete.set_value(read_request(socket).complete); });
    TestGateway gateway(public_route_to(backend.url()));
    const auto answer =
        gateway.ask("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "3\r\nabc\r\nxyz\r\n");
    EXPECT_EQ(answer.status(), 400U);
    EXPECT_EQ(answer.field("Connection"), "close");
    EXPECT_FALSE(complete.get_future().get());
}

TEST(ServeRefusals, TurnAwayConnectionsOverTheLimit)
{
    RawBackend backend(answering(ok("x")));
    auto settings = public_route_to(backend.url());
    settings.limits.connections = 2;
    TestGateway gateway(settings);
    auto first = gateway.connect();
    first.send(get);
    EXPECT_EQ(read_response(first).status(), 200U);
    auto second = gateway.connect();
    second.send(get);
    EXPECT_EQ(read_response(second).status(), 200U);

    auto third = gateway.connect();
    third.send(get);
    const auto answer = read_response(third);
    EXPECT_EQ(answer.status(), 503U);
    EXPECT_NE(answer.body.find("overloaded"), std::string::npos);
    third.close();
    second.close();
    // The places come free as the gateway notices.
    while (gateway.sum(&Counters::connections_open) > 1) std::this_thread::yield();
    EXPECT_EQ(gateway.ask(get).status(), 200U);
}

TEST(ServeRefusals, TurnAwayConnectionsInTheShapeOfTheContract)
{
    RawBackend backend(answering(ok("x")));
    auto settings = public_route_to(backend.url());
    settings.limits.connections = 1;
    settings.auth.contract.errors = config::ErrorBody::message;
    TestGateway gateway(settings);
    auto first = gateway.connect();
    first.send(get);
    EXPECT_EQ(read_response(first).status(), 200U);
    auto second = gateway.connect();
    second.send(get);
    const auto answer = read_response(second);
    EXPECT_EQ(answer.status(), 503U);
    EXPECT_EQ(answer.body, R"({"message":"Too busy; try again in a moment"})");
}

TEST(ServeRefusals, LetAGoodTokenThroughWithItsIdentity) // R21
{
    std::promise<Message> seen;
    RawBackend backend([&](RawSocket& socket, std::size_t) {
        auto request = read_request(socket);
        socket.send(ok("in"));
        seen.set_value(std::move(request));
    });
    TestGateway gateway(protected_route_to(backend.url()));
    const auto answer = gateway.ask("GET / HTTP/1.1\r\nHost: a\r\nX-User-Id: eve\r\n"
                                    "Authorization: Bearer " +
                                    gateway.token_for("alice") + "\r\n\r\n");
    EXPECT_EQ(answer.status(), 200U);
    const auto request = seen.get_future().get();
    EXPECT_EQ(request.field("X-User-Id"), "alice");
    EXPECT_EQ(request.head.find("eve"), std::string::npos);
}

} // namespace
} // namespace gatehouse::gateway::test
