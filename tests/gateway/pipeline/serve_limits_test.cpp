#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

TEST(ServeLimits, RefuseByAddressBeforeAnyTokenIsLookedAt)
{
    RawBackend backend(answering(ok("never")));
    auto settings = public_route_to(backend.url());
    settings.routes.front().auth = config::AuthMode::required;
    settings.routes.front().rate = {
        {"address", 2, 3600s}
    };
    TestGateway gateway(settings);
    EXPECT_EQ(gateway.ask(get).status(), 401U);
    EXPECT_EQ(gateway.ask(get).status(), 401U);
    const auto refusal = gateway.ask(get);
    EXPECT_EQ(refusal.status(), 429U);
    const auto wait = refusal.field("Retry-After");
    EXPECT_LE(std::stoi(wait), 1800);
    EXPECT_GT(std::stoi(wait), 1700); // some seconds may have gone by
    EXPECT_EQ(refusal.field("RateLimit-Policy"), R"("address";q=2;w=3600)");
    EXPECT_EQ(refusal.field("RateLimit"), R"("address";r=0;t=)" + wait);
}

TEST(ServeLimits, CountBehindTheTokenWhomItLetsIn)
{
    RawBackend backend(answering(ok("good")));
    auto settings = public_route_to(backend.url());
    settings.routes.front().auth = config::AuthMode::required;
    settings.routes.front().rate = {
        {"user", 2, 3600s}
    };
    TestGateway gateway(settings);
    const auto of = [&](std::string_view user) {
        return "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + gateway.token_for(user) +
               "\r\n\r\n";
    };
    for (int i = 0; i < 3; ++i) EXPECT_EQ(gateway.ask(get).status(), 401U);
    EXPECT_EQ(gateway.ask(of("ada")).status(), 200U);
    EXPECT_EQ(gateway.ask(of("ada")).status(), 200U);
    EXPECT_EQ(gateway.ask(of("ada")).status(), 429U);
    EXPECT_EQ(gateway.ask(of("eve")).status(), 200U);
}

/// What the next one is told while so many requests wait for their upstream.
unsigned status_while_waiting(config::Settings settings, const RawBackend& backend,
                              std::size_t waiting)
{
    TestGateway gateway(std::move(settings));
    std::vector<RawSocket> clients;
    for (std::size_t i = 0; i < waiting; ++i) {
        clients.push_back(gateway.connect());
        clients.back().send(get);
        while (backend.connections() < i + 1) std::this_thread::yield();
    }
    auto next = gateway.connect();
    next.send(get);
    return read_response(next).status();
}

TEST(ServeLimits, RefuseMoreThanMayBeUnderWay)
{
    struct Case {
        const char* name;
        std::uint32_t all;
        std::optional<std::uint32_t> of_route;
    };

    const Case cases[] = {
        {"in the process", 2, {}},
        {"on the route",   0, 2 },
        {"on both",        9, 2 },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        RawBackend backend([](RawSocket& socket, std::size_t) { (void)socket.take_all(); });
        auto settings = public_route_to(backend.url());
        settings.limits.in_flight = c.all;
        settings.routes.front().in_flight = c.of_route;
        EXPECT_EQ(status_while_waiting(settings, backend, 2), 503U);
    }
}

TEST(ServeLimits, LetThoseWhoHaveEndedMakeRoom)
{
    RawBackend backend(answering(ok("good")));
    auto settings = public_route_to(backend.url());
    settings.limits.in_flight = 1;
    settings.routes.front().in_flight = 1;
    TestGateway gateway(settings);
    auto client = gateway.connect();
    for (int i = 0; i < 5; ++i) {
        client.send(get);
        EXPECT_EQ(read_response(client).status(), 200U);
    }
    EXPECT_EQ(gateway.sum(&Counters::requests_shed), 0U);
}

TEST(ServeLimits, LetOneAddressHaveSoManyConnections)
{
    RawBackend backend(answering(ok("good")));
    auto settings = public_route_to(backend.url());
    settings.limits.connections_per_address = 2;
    TestGateway gateway(settings);
    const auto is_served = [](RawSocket& client) {
        client.send(get);
        return read_response(client).status() == 200U;
    };
    auto first = gateway.connect();
    EXPECT_TRUE(is_served(first));
    {
        auto second = gateway.connect();
        EXPECT_TRUE(is_served(second));
        auto third = gateway.connect();
        (void)third.take_all();
        EXPECT_NE(third.end(), RawSocket::End::silent);
        EXPECT_EQ(gateway.sum_at(&Counters::connections_refused_by_address, 1U), 1U);
    }
    EXPECT_TRUE(is_served(first));
    while (gateway.sum(&Counters::connections_open) > 1) std::this_thread::yield();
    auto next = gateway.connect();
    EXPECT_TRUE(is_served(next)) << "who left has made room";
}

TEST(ServeLimits, DoNotCountTheConnectionsOfTrustedProxies)
{
    RawBackend backend(answering(ok("good")));
    auto settings = public_route_to(backend.url());
    settings.limits.connections_per_address = 1;
    settings.trusted_proxies = {"127.0.0.0/8"};
    TestGateway gateway(settings);
    auto first = gateway.connect();
    auto second = gateway.connect();
    for (auto* client : {&first, &second}) {
        client->send(get);
        EXPECT_EQ(read_response(*client).status(), 200U);
    }
}

/// Keeps a worker from everything else for a moment, again and again.
class Burden {
public:
    explicit Burden(Worker& worker) : worker_(worker)
    {
        job_ = [this] {
            std::this_thread::sleep_for(150ms); // as one long computation would
            if (!lifted_) worker_.post(job_);
        };
        worker.post(job_);
    }

    void lift() noexcept { lifted_ = true; }

private:
    Worker& worker_;
    std::atomic<bool> lifted_{false};
    std::function<void()> job_;
};

TEST(ServeLimits, ShedWhatIsForUpstreamsWhileAWorkerIsLate)
{
    RawBackend backend(answering(ok("good")));
    auto settings = public_route_to(backend.url());
    settings.limits.loop_lag = 100ms;
    TestGateway gateway(settings);
    Burden burden(gateway.worker());
    const auto status_becomes = [&](unsigned wanted) {
        for (int tries = 0; tries < 100; ++tries) {
            if (gateway.ask(get).status() == wanted) return true;
        }
        return false;
    };
    EXPECT_TRUE(status_becomes(503));
    EXPECT_GE(gateway.sum(&Counters::requests_shed), 1U);
    EXPECT_TRUE(gateway.shared().limits.sheds(std::chrono::steady_clock::now()));
    burden.lift();
    while (!status_becomes(200)) {
    }
    gateway.worker().stop();
    (void)gateway.worker().join();
}

} // namespace
} // namespace gatehouse::gateway::test
