#include "gateway/net/timers.hpp"
#include "gateway/upstream/endpoint_state.hpp"

#include <gtest/gtest.h>

#include <array>
#include <thread>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

/// Workers that fail, succeed, choose, come and go, while checks change their minds.
TEST(EndpointStates, AreSharedByWorkersWithoutHarm)
{
    const auth::SystemClock clock;
    EndpointBoard board(clock);
    config::UpstreamSettings settings;
    settings.health.path = "/h";
    settings.ejection.after = 2;
    settings.ejection.base = 1ms;
    std::array<std::shared_ptr<EndpointState>, 3> kept;
    for (std::size_t i = 0; i < kept.size(); ++i) {
        kept[i] = board.hold("u", *parse_endpoint("http://h:" + std::to_string(i + 1)), settings);
    }
    std::vector<std::thread> workers;
    for (int worker = 0; worker < 4; ++worker) {
        workers.emplace_back([&, worker] {
            for (int i = 0; i < 2000; ++i) {
                auto& endpoint = *kept[static_cast<std::size_t>(i) % kept.size()];
                (void)endpoint.may_be_used();
                if ((i + worker) % 3 == 0)
                    endpoint.succeeded();
                else
                    (void)endpoint.failed("upstream_reset", Timers::now());
                endpoint.load.connections.fetch_add(1);
                if (i % 50 == 0) {
                    (void)board.hold("u", *parse_endpoint("http://other:1"), settings);
                    (void)endpoint.standing(Timers::now());
                }
            }
        });
    }
    std::thread checker([&] {
        for (int i = 0; i < 2000; ++i) {
            for (const auto& endpoint : board.all()) endpoint->checked(i % 2 == 0, "x");
        }
    });
    for (auto& worker : workers) worker.join();
    checker.join();
    for (const auto& endpoint : kept) {
        endpoint->checked(true, "x");
        endpoint->checked(true, "x");
        EXPECT_TRUE(endpoint->standing(Timers::now() + 1h).used);
    }
}

} // namespace
} // namespace gatehouse::gateway
