// How much one endpoint gets at once.
#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <future>

namespace gatehouse::gateway::test {
namespace {

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// Answers when the test lets it.
struct Slow {
    std::atomic<int> asked{0};
    std::promise<void> go;
    std::shared_future<void> gone{go.get_future()};
    RawBackend backend{[this](RawSocket& socket, std::size_t) {
        while (read_request(socket).complete) {
            ++asked;
            gone.wait();
            socket.send(ok("slow"));
        }
    }};

    void wait_for(int requests) const
    {
        while (asked < requests) std::this_thread::yield();
    }
};

TEST(ServeCircuit, RefusesAtOnceWhatIsTooMuchForOneEndpoint)
{
    struct Case {
        const char* name;
        config::CircuitSettings circuit;
    };

    const Case cases[] = {
        {"requests",    {.requests = 2}   },
        {"connections", {.connections = 2}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Slow slow;
        auto settings = public_route_to("one");
        settings.upstreams["one"].endpoints = {slow.backend.url()};
        settings.upstreams["one"].circuit = c.circuit;
        TestGateway gateway(settings, 2);
        auto first = gateway.connect();
        auto second = gateway.connect();
        first.send(get);
        second.send(get);
        slow.wait_for(2);
        const auto refused = gateway.ask(get);
        EXPECT_EQ(refused.status(), 503U);
        EXPECT_NE(refused.body.find("overloaded"), std::string::npos);
        EXPECT_EQ(refused.field("Retry-After"), "1");
        EXPECT_EQ(slow.asked, 2);
        slow.go.set_value();
        EXPECT_EQ(read_response(first).body, "slow");
        EXPECT_EQ(read_response(second).body, "slow");
        first.close();
        second.close();
    }
}

TEST(ServeCircuit, TakesAnotherEndpoint)
{
    Slow slow;
    RawBackend quick(answering(ok("quick")));
    auto settings = public_route_to("two");
    settings.upstreams["two"].endpoints = {slow.backend.url(), quick.url()};
    settings.upstreams["two"].circuit.requests = 1;
    TestGateway gateway(settings);
    auto first = gateway.connect();
    first.send(get);
    slow.wait_for(1);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(gateway.ask(get).body, "quick");
    slow.go.set_value();
    EXPECT_EQ(read_response(first).body, "slow");
}

/// The request that is sent again is the one that had the place.
TEST(ServeCircuit, IsNoReasonAgainstASecondTry)
{
    RawBackend busy_once([](RawSocket& socket, std::size_t number) {
        (void)read_request(socket);
        socket.send(number == 0 ? "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n" : ok("good"));
    });
    auto settings = public_route_to("one");
    auto& one = settings.upstreams["one"];
    one.endpoints = {busy_once.url()};
    one.circuit = {.requests = 1, .connections = 1};
    one.retry.attempts = 1;
    one.retry.on = {"503"};
    TestGateway gateway(settings);
    EXPECT_EQ(gateway.ask(get).body, "good");
}

/// What one worker keeps for the next request is in nobody's way.
TEST(ServeCircuit, TakesThePlaceOfAConnectionThatAnotherWorkerKeepsIdle)
{
    RawBackend backend([](RawSocket& socket, std::size_t) {
        while (read_request(socket).complete) socket.send(ok("good"));
    });
    auto settings = public_route_to("one");
    settings.upstreams["one"].endpoints = {backend.url()};
    settings.upstreams["one"].circuit.connections = 2;
    TestGateway gateway(settings, 4);
    // Each comes on a connection of its own, which the kernel gives to any of the workers.
    for (int i = 0; i < 60; ++i) {
        EXPECT_EQ(gateway.ask(get).body, "good") << i;
        // A worker gives a connection back behind the answer, and sees then that its client left.
        ASSERT_EQ(gateway.sum_at(&Counters::connections_open, 0), 0U);
    }
    std::uint64_t open = 0;
    for (const auto& worker : gateway.workers()) {
        EXPECT_GT(worker->counters().connections_accepted.value(), 0U);
        open += worker->counters().upstream_connections_open.value();
    }
    EXPECT_LE(open, 2U);
}

/// A connection that died while it was idle is none any more.
TEST(ServeCircuit, CountsNoDeadConnection)
{
    RawBackend backend([](RawSocket& socket, std::size_t number) {
        (void)read_request(socket);
        socket.send(ok(std::to_string(number)));
        if (number == 0) (void)read_request(socket);
    });
    auto settings = public_route_to("one");
    settings.upstreams["one"].endpoints = {backend.url()};
    settings.upstreams["one"].circuit.connections = 1;
    TestGateway gateway(settings);
    EXPECT_EQ(gateway.ask(get).body, "0");
    EXPECT_EQ(gateway.ask(get).body, "1");
}

} // namespace
} // namespace gatehouse::gateway::test
