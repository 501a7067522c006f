// WebSockets as sockets see them: from the handshake on.
#include "tests/gateway/pipeline/websocket_fixture.hpp"

namespace gatehouse::gateway::test {
namespace {

TEST(ServeWebSocket, PassesBytesBothWaysBehindA101)
{
    RawBackend backend(echo);
    TestGateway gateway(public_route_to(backend.url()));
    auto client = gateway.connect();
    client.send(handshake);
    const auto head = client.take_through("\r\n\r\n");
    EXPECT_TRUE(head.starts_with("HTTP/1.1 101 Switching Protocols\r\n")) << head;
    for (const std::string_view line :
         {"\r\nUpgrade: websocket\r\n", "\r\nConnection: Upgrade\r\n",
          "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"}) {
        EXPECT_NE(head.find(line), std::string::npos) << line;
    }
    EXPECT_EQ(gateway.sum_at(&Counters::websockets_open, 1U), 1U);
    for (const std::string text : {"one", "two"}) {
        client.send(frame(text));
        EXPECT_EQ(client.take(5), frame(text));
    }
    client.finish_sending();
    EXPECT_EQ(client.take_all(), "");
    EXPECT_EQ(client.end(), RawSocket::End::closed);
}

TEST(ServeWebSocket, CountsWhatPassed)
{
    RawBackend backend(echo);
    TestGateway gateway(public_route_to(backend.url()));
    {
        auto client = gateway.connect();
        client.send(handshake);
        const auto head = client.take_through("\r\n\r\n");
        client.send(frame("hello"));
        EXPECT_EQ(client.take(7), frame("hello"));
        client.finish_sending();
        (void)client.take_all();
        let_it_conclude(gateway);
        EXPECT_EQ(gateway.sum(&RouteCounters::bytes_in), handshake.size() + 7);
        EXPECT_EQ(gateway.sum(&RouteCounters::bytes_out), head.size() + 7);
    }
    EXPECT_EQ(gateway.sum(&Counters::websockets_open), 0U);
}

TEST(ServeWebSocket, WritesTheHandshakeAnew)
{
    std::promise<std::string> seen;
    RawBackend backend([&](RawSocket& socket, std::size_t) {
        seen.set_value(read_request(socket).head);
        socket.send(switched + "\r\n");
        (void)socket.take_all();
    });
    TestGateway gateway(public_route_to(backend.url()));
    auto client = gateway.connect();
    client.send("GET /ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, upgrade, X-Gone\r\n"
                "upgrade: WebSocket\r\nX-Gone: 1\r\nOrigin: https://app.example\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Extensions: permessage-deflate\r\nSec_WebSocket_Protocol: x\r\n"
                "Sec-WebSocket-Protocol: bearer, secret, chat\r\nHTTP2-Settings: x\r\n\r\n");
    const auto head = seen.get_future().get();
    for (const std::string_view line :
         {"\r\nConnection: Upgrade\r\n", "\r\nUpgrade: websocket\r\n",
          "\r\nSec-WebSocket-Version: 13\r\n",
          "\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
          "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n",
          "\r\nSec-WebSocket-Protocol: chat\r\n", "\r\nOrigin: https://app.example\r\n"}) {
        EXPECT_NE(head.find(line), std::string::npos) << line << head;
    }
    for (const std::string_view gone :
         {"secret", "bearer", "Gone", "keep-alive", "HTTP2", "Sec_"}) {
        EXPECT_EQ(head.find(gone), std::string::npos) << gone << head;
    }
    EXPECT_NE(client.take_through("\r\n\r\n").find("Sec-WebSocket-Protocol: bearer\r\n"),
              std::string::npos);
}

TEST(ServeWebSocket, LeavesOutTheHandshakeWhereTheRouteWantsNone)
{
    std::promise<std::string> seen;
    RawBackend backend([&](RawSocket& socket, std::size_t) {
        seen.set_value(read_request(socket).head);
        socket.send(ok("plain"));
        (void)socket.take_all();
    });
    auto settings = public_route_to(backend.url());
    settings.routes.front().websocket = false;
    TestGateway gateway(settings);
    EXPECT_EQ(gateway.ask(handshake_with("Sec-WebSocket-Protocol: bearer, secret\r\n")).body,
              "plain");
    const auto head = seen.get_future().get();
    for (const std::string_view gone : {"pgrade", "Sec-WebSocket", "secret"}) {
        EXPECT_EQ(head.find(gone), std::string::npos) << gone << head;
    }
}

TEST(ServeWebSocket, TakesNoOther101) // R10, R15
{
    struct Case {
        const char* name;
        std::string answer;
        std::string asked = handshake;
    };

    const auto plain = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    const Case cases[] = {
        {"of another key", "HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                           "Sec-WebSocket-Accept: AAAALMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"},
        {"without an accept",
         "HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"},
        {"to h2c", "HTTP/1.1 101 S\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"},
        {"with a protocol nobody offered", switched + "Sec-WebSocket-Protocol: x\r\n\r\n"},
        {"of HTTP/1.0", "HTTP/1.0 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"},
        {"that does not say so in Connection",
         "HTTP/1.1 101 S\r\nUpgrade: websocket\r\n"
         "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"},
        {"with a body", switched + "Content-Length: 3\r\n\r\nabc"},
        {"to a plain request", switched + "\r\n", plain},
        {"to what is nearly a handshake", switched + "\r\n",
         "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        std::promise<void> let_go;
        RawBackend backend([&](RawSocket& socket, std::size_t) {
            (void)read_request(socket);
            socket.send(c.answer);
            EXPECT_EQ(socket.take_all(), "");
            let_go.set_value();
        });
        TestGateway gateway(public_route_to(backend.url()));
        auto client = gateway.connect();
        client.send(c.asked);
        const auto answer = read_response(client);
        EXPECT_EQ(answer.status(), 502U);
        EXPECT_NE(answer.body.find("upstream_protocol"), std::string::npos);
        let_go.get_future().get();
    }
}

TEST(ServeWebSocket, RelaysAnyOtherAnswerAndGoesOnWithHttp)
{
    RawBackend backend(answering("HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\n"
                                 "Sec-WebSocket-Version: 13\r\nContent-Length: 2\r\n\r\nno"));
    TestGateway gateway(public_route_to(backend.url()));
    auto client = gateway.connect();
    for (int i = 0; i < 2; ++i) {
        client.send(handshake);
        const auto answer = read_response(client);
        EXPECT_EQ(answer.status(), 426U);
        EXPECT_EQ(answer.body, "no");
        EXPECT_EQ(answer.field("Sec-WebSocket-Version"), "13");
        EXPECT_FALSE(answer.has_field("Upgrade"));
        EXPECT_FALSE(answer.has_field("Connection"));
    }
    EXPECT_EQ(backend.connections(), 1U);
}

TEST(ServeWebSocket, RefusesWhatComesBehindAHandshake) // R10, CVE-2026-2833
{
    for (const auto& early : {frame("early"), std::string("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")}) {
        RawBackend backend(echo);
        TestGateway gateway(public_route_to(backend.url()));
        auto client = gateway.connect();
        client.send(handshake + early);
        const auto answer = read_response(client);
        EXPECT_EQ(answer.status(), 400U);
        EXPECT_EQ(client.take_all(), "");
        EXPECT_EQ(backend.connections(), 0U);
    }
}

// R10. With `leaves` the client has also finished, and nobody is there to be told.
void expect_nothing_said_too_early_to_pass(bool leaves)
{
    std::promise<void> asked;
    std::promise<void> spoken;
    std::promise<std::string> received;
    RawBackend backend([&](RawSocket& socket, std::size_t) {
        (void)read_request(socket);
        asked.set_value();
        spoken.get_future().get();
        socket.send(switched + "\r\n");
        received.set_value(socket.take_all());
    });
    TestGateway gateway(public_route_to(backend.url()));
    auto client = gateway.connect();
    client.send(handshake);
    asked.get_future().get();
    client.send("GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
    if (leaves) client.finish_sending();
    spoken.set_value();
    const auto answer = read_response(client);
    EXPECT_EQ(answer.status(), leaves ? 0U : 400U);
    EXPECT_EQ(client.take_all(), "");
    EXPECT_EQ(received.get_future().get(), "");
}

TEST(ServeWebSocket, RefusesWhatComesBeforeThe101)
{
    expect_nothing_said_too_early_to_pass(false);
    expect_nothing_said_too_early_to_pass(true);
}

TEST(ServeWebSocket, TakesWhatCameBeforeAnotherAnswerForNoRequest) // R10
{
    std::promise<void> asked;
    std::promise<void> spoken;
    RawBackend backend([&](RawSocket& socket, std::size_t) {
        (void)read_request(socket);
        asked.set_value();
        spoken.get_future().get();
        socket.send(ok("no socket"));
        EXPECT_EQ(socket.take_all(), "");
    });
    TestGateway gateway(public_route_to(backend.url()));
    auto client = gateway.connect();
    client.send(handshake);
    asked.get_future().get();
    client.send("GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
    spoken.set_value();
    const auto answer = read_response(client);
    EXPECT_EQ(answer.body, "no socket");
    EXPECT_EQ(answer.field("Connection"), "close");
    EXPECT_EQ(client.take_all(), "");
}

TEST(ServeWebSocket, LeavesNothingBehindThe101Out)
{
    RawBackend backend([&](RawSocket& socket, std::size_t) {
        (void)read_request(socket);
        socket.send(switched + "\r\n" + frame("welcome"));
        (void)socket.take_all();
    });
    TestGateway gateway(public_route_to(backend.url()));
    auto client = gateway.connect();
    client.send(handshake);
    (void)client.take_through("\r\n\r\n");
    EXPECT_EQ(client.take(9), frame("welcome"));
}

TEST(ServeWebSocket, IsRetriedOnAFreshConnection)
{
    RawBackend backend([&](RawSocket& socket, std::size_t number) {
        if (number > 0) return echo(socket, number);
        (void)read_request(socket);
        socket.send(ok("x"));
        (void)read_request(socket); // takes the handshake and leaves
    });
    TestGateway gateway(public_route_to(backend.url()));
    EXPECT_EQ(gateway.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n").body, "x");
    auto client = gateway.connect();
    client.send(handshake);
    EXPECT_TRUE(client.take_through("\r\n\r\n").starts_with("HTTP/1.1 101"));
    EXPECT_EQ(backend.connections(), 2U);
}

} // namespace
} // namespace gatehouse::gateway::test
