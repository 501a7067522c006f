// Who may make no more connections, and who keeps idle ones, on threads of their own.
#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace gatehouse::gateway::test {
namespace {

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

TEST(ServeCircuit, HandsPlacesFromWorkerToWorkerUnderLoadAndWhileTheyEnd)
{
    RawBackend backend([](RawSocket& socket, std::size_t) {
        while (read_request(socket).complete) socket.send(ok("good"));
    });
    auto settings = public_route_to("one");
    settings.upstreams["one"].endpoints = {backend.url()};
    settings.upstreams["one"].circuit.connections = 3;
    std::atomic<int> good{0};
    std::atomic<int> refused{0};
    for (int round = 0; round < 3; ++round) {
        TestGateway gateway(settings, 4);
        {
            std::vector<std::jthread> clients;
            for (int i = 0; i < 6; ++i) {
                clients.emplace_back([&] {
                    for (int request = 0; request < 40; ++request) {
                        const auto status = gateway.ask(get).status();
                        if (status == 200) ++good;
                        if (status == 503) ++refused;
                    }
                });
            }
        }
        // A place is free once the worker has looked behind the answer. What is still asked of
        // other workers meets their end.
        while (gateway.ask(get).status() != 200) std::this_thread::yield();
    }
    EXPECT_EQ(good + refused, 3 * 6 * 40);
}

} // namespace
} // namespace gatehouse::gateway::test
