#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include <functional>
#include <future>

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// Reads the request and then nothing happens until the gateway gives up.
void hang(RawSocket& socket, std::size_t)
{
    (void)read_request(socket);
    (void)socket.take_all();
}

// Each row makes one deadline short and all others long, and holds exactly that phase. R60
TEST(ServeDeadlines, EndEveryPhaseThatLastsTooLong)
{
    struct Case {
        const char* name;
        std::function<void(config::DeadlineSettings&)> shorten;
        std::string_view request;
        RawBackend::Script upstream;
        unsigned status; // 0: closed without a word
        std::string_view code;
    };

    const Case cases[] = {
        {"keep_alive: nothing was ever sent", [](auto& d) { d.keep_alive = 100ms; }, "", hang, 0,
         ""},
        {"head: it never ends", [](auto& d) { d.head = 100ms; }, "GET / HTTP/1.1\r\nHos", hang, 408,
         "request_timeout"},
        {"body_gap: the body stops", [](auto& d) { d.body_gap = 100ms; },
         "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe", hang, 408, "request_timeout"},
        {"response_head: no answer", [](auto& d) { d.response_head = 100ms; }, get, hang, 504,
         "upstream_timeout"},
        {"response_head: half an answer", [](auto& d) { d.response_head = 100ms; }, get,
         [](RawSocket& socket, std::size_t) {
             (void)read_request(socket);
             socket.send("HTTP/1.1 200 OK\r\nConte");
             (void)socket.take_all();
         }, 504, "upstream_timeout"},
        {"response_head: interim answers do not count", [](auto& d) { d.response_head = 200ms; },
         get, [](RawSocket& socket, std::size_t) {
             (void)read_request(socket);
             for (int sent = 0; sent < 40 && socket.is_silent_for(20ms); ++sent) { // no flood
                 socket.send("HTTP/1.1 102 Processing\r\n\r\n");
             }
             (void)socket.take_all();
         }, 504, "upstream_timeout"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        RawBackend backend(c.upstream);
        auto settings = public_route_to(backend.url());
        c.shorten(settings.deadlines);
        TestGateway gateway(settings);
        auto client = gateway.connect();
        client.send(c.request);
        auto answer = read_response(client);
        while (answer.status() == 102) answer = read_response(client);
        EXPECT_EQ(answer.status(), c.status);
        EXPECT_NE(answer.body.find(c.code), std::string::npos) << answer.body;
        if (c.status != 504) EXPECT_TRUE(client.is_closed());
    }
}

TEST(ServeDeadlines, GiveARouteItsOwnPatience)
{
    RawBackend backend(hang);
    auto settings = public_route_to(backend.url());
    settings.routes.front().timeout = 100ms;
    TestGateway gateway(settings);
    EXPECT_EQ(gateway.ask(get).status(), 504U);
}

TEST(ServeDeadlines, CloseAKeptConnectionThatStaysSilent)
{
    RawBackend backend(answering(ok("x")));
    auto settings = public_route_to(backend.url());
    settings.deadlines.keep_alive = 100ms;
    TestGateway gateway(settings);
    auto client = gateway.connect();
    // A machine that stops here is silent for too long before anything was asked.
    const auto is_served = [&] {
        return client.send(get) && read_response(client).status() == 200;
    };
    for (int tries = 0; tries < 20 && !is_served(); ++tries) client = gateway.connect();
    EXPECT_EQ(client.take_all(), "");
    EXPECT_EQ(client.end(), RawSocket::End::closed);
}

TEST(ServeDeadlines, CutAnAnswerThatStops)
{
    RawBackend backend([](RawSocket& socket, std::size_t) {
        (void)read_request(socket);
        socket.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        (void)socket.take_all();
    });
    auto settings = public_route_to(backend.url());
    settings.deadlines.response_gap = 100ms;
    TestGateway gateway(settings);
    const auto answer = gateway.ask(get);
    EXPECT_EQ(answer.body, "half");
    EXPECT_FALSE(answer.complete);
}

TEST(ServeDeadlines, CutAClientThatTakesNothing)
{
    std::promise<bool> cut;
    RawBackend backend(filling("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n", cut));
    auto settings = public_route_to(backend.url());
    settings.deadlines.write_stall = 100ms;
    TestGateway gateway(settings);
    RawSocket client(gateway.port(), 8 * 1024);
    client.send(get);
    EXPECT_TRUE(cut.get_future().get());
    EXPECT_FALSE(read_response(client).complete);
}

TEST(ServeDeadlines, AnswerForAnUpstreamThatTakesNothing)
{
    std::promise<void> over;
    auto wait = over.get_future();
    RawBackend backend([&](RawSocket&, std::size_t) { wait.wait(); });
    auto settings = public_route_to(backend.url());
    settings.deadlines.write_stall = 100ms;
    TestGateway gateway(settings);
    auto client = gateway.connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n");
    const std::string piece(1 << 16, 'x');
    // As much as everybody's buffers take; the gateway's answer is then there to be read.
    while (client.is_silent_for(0ms) && client.send(piece)) {
    }
    EXPECT_EQ(read_response(client).status(), 504U);
    over.set_value();
}

TEST(ServeDeadlines, GiveUpConnectingInTime)
{
    // A listener whose queue is full answers no SYN.
    FileDescriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* raw = static_cast<sockaddr*>(static_cast<void*>(&where));
    ASSERT_EQ(::bind(listener.get(), raw, sizeof where), 0);
    ASSERT_EQ(::listen(listener.get(), 0), 0);
    socklen_t size = sizeof where;
    ::getsockname(listener.get(), raw, &size);
    std::vector<FileDescriptor> fill;
    for (int i = 0; i < 4; ++i) {
        fill.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        ::connect(fill.back().get(), raw, sizeof where);
    }
    auto settings = public_route_to("http://127.0.0.1:" + std::to_string(ntohs(where.sin_port)));
    settings.deadlines.connect = 100ms;
    TestGateway gateway(settings);
    const auto answer = gateway.ask(get);
    EXPECT_EQ(answer.status(), 504U);
    EXPECT_NE(answer.body.find("upstream_timeout"), std::string::npos);
}

TEST(ServeDeadlines, CloseAnUpstreamConnectionThatNobodyNeeds)
{
    std::promise<void> closed;
    RawBackend backend([&](RawSocket& socket, std::size_t) {
        (void)read_request(socket);
        socket.send(ok("x"));
        if (socket.is_closed()) closed.set_value();
    });
    auto settings = public_route_to(backend.url());
    settings.deadlines.upstream_idle = 50ms;
    TestGateway gateway(settings);
    auto client = gateway.connect();
    client.send(get);
    EXPECT_EQ(read_response(client).status(), 200U);
    closed.get_future().get();
}

} // namespace
} // namespace gatehouse::gateway::test
