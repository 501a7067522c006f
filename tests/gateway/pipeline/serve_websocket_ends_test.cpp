// How WebSockets end, as sockets see it.
#include "tests/gateway/pipeline/websocket_fixture.hpp"

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;

TEST(ServeWebSocket, IsCutWhenTheUpstreamIsGone)
{
    RawBackend backend([&](RawSocket& socket, std::size_t) {
        (void)read_request(socket);
        socket.send(switched + "\r\n");
        (void)socket.take(1);
        socket.reset();
    });
    TestGateway gateway(public_route_to(backend.url()));
    auto client = gateway.connect();
    client.send(handshake);
    (void)client.take_through("\r\n\r\n");
    client.send("x");
    EXPECT_EQ(client.take_all(), "");
    EXPECT_EQ(client.end(), RawSocket::End::reset);
}

TEST(ServeWebSocket, PassesAHalfCloseOn)
{
    RawBackend backend([&](RawSocket& socket, std::size_t) {
        (void)read_request(socket);
        socket.send(switched + "\r\n");
        EXPECT_EQ(socket.take_all(), "last words");
        socket.send("farewell");
    });
    TestGateway gateway(public_route_to(backend.url()));
    auto client = gateway.connect();
    client.send(handshake);
    (void)client.take_through("\r\n\r\n");
    client.send("last words");
    client.finish_sending();
    EXPECT_EQ(client.take_all(), "farewell");
    EXPECT_EQ(client.end(), RawSocket::End::closed);
}

TEST(ServeWebSocket, ClosesWhereNobodySaysAnything)
{
    std::promise<std::string> told;
    RawBackend backend([&](RawSocket& socket, std::size_t) {
        (void)read_request(socket);
        socket.send(switched + "\r\n");
        told.set_value(socket.take_all());
    });
    auto settings = public_route_to(backend.url());
    settings.deadlines.websocket_idle = 3s;
    TestGateway gateway(settings);
    auto client = gateway.connect();
    client.send(handshake);
    (void)client.take_through("\r\n\r\n");
    // For longer than that in all, and so often that a machine may stop in between.
    std::size_t said = 0;
    for (const auto began = std::chrono::steady_clock::now();
         std::chrono::steady_clock::now() < began + 4s;) {
        client.send(frame("alive"));
        said += frame("alive").size();
        EXPECT_TRUE(client.is_silent_for(100ms));
    }
    EXPECT_EQ(client.take_all(),
              close_frame(CloseCode::going_away, "silent for too long", std::nullopt));
    client.close();
    const auto received = told.get_future().get();
    FrameFollower frames;
    frames.pass(received);
    EXPECT_TRUE(frames.is_between_frames());
    EXPECT_TRUE(frames.has_closed());
    ASSERT_GT(received.size(), said + 1);
    EXPECT_EQ(received[said + 1], '\x80' | (2 + 19)) << "masked: " << received.size();
}

TEST(ServeWebSocket, ClosesBehindTheFrameThatHasBegun)
{
    std::promise<void> begun;
    std::promise<void> draining;
    RawBackend backend([&](RawSocket& socket, std::size_t) {
        (void)read_request(socket);
        socket.send(switched + "\r\n\x81\x0ahalf ");
        draining.get_future().get();
        socket.send("whole" + frame("too late"));
        (void)socket.take_all();
    });
    TestGateway gateway(public_route_to(backend.url()));
    auto client = gateway.connect();
    client.send(handshake);
    (void)client.take_through("half ");
    client.send("\x81\x85"); // half of a header: nothing can follow it upstream
    gateway.worker().drain();
    let_it_conclude(gateway);
    EXPECT_TRUE(client.is_silent_for(100ms));
    draining.set_value();
    EXPECT_EQ(client.take_all(), "whole" + going_away);
}

TEST(ServeWebSocket, StopsReadingWhereNobodyTakes)
{
    std::promise<bool> stopped;
    RawBackend backend(filling(switched + "\r\n", stopped));
    auto settings = public_route_to(backend.url());
    settings.deadlines.write_stall = 200ms;
    TestGateway gateway(settings);
    RawSocket client(gateway.port(), 8 * 1024);
    client.send(handshake);
    EXPECT_TRUE(stopped.get_future().get());
    (void)client.take_all();
    EXPECT_EQ(client.end(), RawSocket::End::reset);
}

} // namespace
} // namespace gatehouse::gateway::test
