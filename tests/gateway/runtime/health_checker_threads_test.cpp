#include "gateway/runtime/health_checker.hpp"
#include "tests/gateway/support/raw_backend.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;

template <class Condition>
bool comes_true(Condition condition)
{
    const auto limit = std::chrono::steady_clock::now() + 20s;
    while (std::chrono::steady_clock::now() < limit) {
        if (condition()) return true;
        std::this_thread::yield();
    }
    return false;
}

/// Answers checks as the test says.
struct Patient {
    std::atomic<bool> well{true};
    RawBackend backend{[this](RawSocket& socket, std::size_t) {
        (void)read_request(socket);
        socket.send(well ? "HTTP/1.1 200 OK\r\n\r\n" : "HTTP/1.1 500 No\r\n\r\n");
    }};
};

class HealthCheckerTest : public testing::Test {
protected:
    HealthCheckerTest()
    {
        settings.health.path = "/h";
        settings.health.interval = 100ms;
        settings.health.timeout = 10s;
    }

    [[nodiscard]] config::Settings all() const
    {
        config::Settings every;
        every.upstreams["u"] = settings;
        return every;
    }

    std::shared_ptr<EndpointState> hold(const std::string& url)
    {
        return board.hold("u", *parse_endpoint(url), settings);
    }

    const auth::SystemClock clock;
    EndpointBoard board{clock};
    config::UpstreamSettings settings;
};

TEST_F(HealthCheckerTest, TakesOutWhoFailsAndBringsBackWhoIsWell)
{
    Patient one;
    Patient two;
    const auto a = hold(one.backend.url());
    const auto b = hold(two.backend.url());
    HealthChecker checker(board);
    checker.use(all());
    EXPECT_TRUE(comes_true([&] { return a->standing({}).checked && b->standing({}).checked; }));
    EXPECT_TRUE(a->may_be_used());
    one.well = false;
    EXPECT_TRUE(comes_true([&] { return !a->may_be_used(); }));
    EXPECT_EQ(a->standing({}).reason, "answered 500");
    EXPECT_TRUE(b->may_be_used());
    one.well = true;
    EXPECT_TRUE(comes_true([&] { return a->may_be_used(); }));
}

TEST_F(HealthCheckerTest, AsksWhoComesLaterAtOnceAndOneThatHangsKeepsNobodyWaiting)
{
    settings.health.interval = 1h;
    RawBackend silent([](RawSocket& socket, std::size_t) { (void)socket.take_all(); });
    Patient well;
    const auto hanging = hold(silent.url());
    HealthChecker checker(board);
    checker.use(all());
    EXPECT_TRUE(comes_true([&] { return silent.connections() == 1; }));
    const auto late = hold(well.backend.url());
    EXPECT_TRUE(comes_true([&] { return late->standing({}).checked; }));
    EXPECT_FALSE(hanging->standing({}).checked);
}

TEST_F(HealthCheckerTest, HearsOfAnotherInterval)
{
    settings.health.interval = 1h;
    Patient patient;
    const auto endpoint = hold(patient.backend.url());
    HealthChecker checker(board);
    checker.use(all());
    EXPECT_TRUE(comes_true([&] { return patient.backend.connections() == 1; }));
    settings.health.interval = 100ms;
    (void)hold(patient.backend.url());
    EXPECT_TRUE(comes_true([&] { return patient.backend.connections() >= 3; }));
}

TEST_F(HealthCheckerTest, AsksNobodyWhoIsGone)
{
    settings.health.interval = 100ms;
    Patient patient;
    auto endpoint = hold(patient.backend.url());
    HealthChecker checker(board);
    checker.use(all());
    EXPECT_TRUE(comes_true([&] { return patient.backend.connections() >= 2; }));
    endpoint.reset();
    Patient other;
    const auto next = hold(other.backend.url());
    EXPECT_TRUE(comes_true([&] { return other.backend.connections() >= 2; }));
    EXPECT_EQ(board.all().size(), 1U);
}

} // namespace
} // namespace gatehouse::gateway::test
