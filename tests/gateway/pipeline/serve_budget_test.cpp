// What an upstream may be asked in all.
#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// Counts what it is asked, and answers as it is told.
struct Counting {
    explicit Counting(std::string text) : answer(std::move(text)) {}

    std::string answer;
    std::atomic<int> asked{0};
    RawBackend backend{[this](RawSocket& socket, std::size_t) {
        while (read_request(socket).complete) {
            ++asked;
            socket.send(answer);
        }
    }};

    [[nodiscard]] config::Settings settings(const config::BudgetSettings& budget) const
    {
        auto settings = public_route_to("api");
        settings.upstreams["api"].endpoints = {backend.url()};
        settings.upstreams["api"].budget = budget;
        return settings;
    }
};

TEST(ServeBudget, RefusesAtOnceWhatWouldExceedTheQuota)
{
    Counting api(ok("good"));
    TestGateway gateway(api.settings({.requests = 3, .per = 1h}), 2);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(gateway.ask(get).body, "good");
    const auto refused = gateway.ask(get);
    EXPECT_EQ(refused.status(), 503U);
    EXPECT_NE(refused.body.find("overloaded"), std::string::npos);
    EXPECT_GT(std::stoi(std::string(refused.field("Retry-After"))), 3000);
    EXPECT_EQ(api.asked, 3);
}

TEST(ServeBudget, HasNothingForWhatIsAskedAnewBehindTheClientsBack)
{
    Counting api("HTTP/1.1 200 OK\r\nCache-Control: public, max-age=0, "
                 "stale-while-revalidate=600\r\nContent-Length: 4\r\n\r\ngood");
    auto settings = api.settings({.requests = 1, .per = 1h});
    settings.routes.front().cache.emplace();
    TestGateway gateway(settings);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(gateway.ask(get).body, "good");
    EXPECT_EQ(gateway.sum_at(&Counters::cache_stale, 3U), 3U);
    EXPECT_GE(gateway.sum(&Counters::cache_revalidations), 1U);
    EXPECT_EQ(api.asked, 1);
}

TEST(ServeBudget, ObeysRetryAfterAndWhatIsLeft)
{
    struct Case {
        const char* name;
        const char* answer;
        int asked;
    };

    const Case cases[] = {
        {"Retry-After",  "HTTP/1.1 429 Slow\r\nRetry-After: 100\r\nContent-Length: 0\r\n\r\n", 1},
        {"of a 503",     "HTTP/1.1 503 Busy\r\nRetry-After: 100\r\nContent-Length: 0\r\n\r\n", 1},
        {"one is left",
         "HTTP/1.1 200 OK\r\nX-RateLimit-Remaining: 1\r\nX-RateLimit-Reset: 100\r\nContent-Length: "
         "0\r\n\r\n",                                                                          2},
        {"nothing said", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",                       5},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Counting api(c.answer);
        TestGateway gateway(api.settings({}), 2);
        Message last;
        for (int i = 0; i < 5; ++i) last = gateway.ask(get);
        EXPECT_EQ(api.asked, c.asked);
        if (c.asked == 5) continue;
        EXPECT_EQ(last.status(), 503U);
        EXPECT_GT(std::stoi(std::string(last.field("Retry-After"))), 90);
    }
}

TEST(ServeBudget, LetsOtherEndpointsBeAskedWhenOneIsBusy)
{
    Counting busy("HTTP/1.1 503 Busy\r\nRetry-After: 100\r\nContent-Length: 0\r\n\r\n");
    Counting good(ok("good"));
    auto settings = busy.settings({});
    settings.upstreams["api"].endpoints.emplace_back(good.backend.url());
    TestGateway gateway(settings);
    int served = 0;
    for (int i = 0; i < 6; ++i) served += gateway.ask(get).body == "good" ? 1 : 0;
    EXPECT_EQ(served, 3);
}

TEST(ServeBudget, CountsRetries)
{
    Counting failing("HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n");
    auto settings = failing.settings({.requests = 3, .per = 1h});
    auto& retry = settings.upstreams["api"].retry;
    retry.attempts = 5;
    retry.on = {"502"};
    retry.least = 100;
    retry.backoff = 0ms;
    TestGateway gateway(settings);
    EXPECT_EQ(gateway.ask(get).status(), 502U) << "the last answer, when no other may be asked for";
    EXPECT_EQ(failing.asked, 3);
    EXPECT_EQ(gateway.ask(get).status(), 503U);
    EXPECT_EQ(failing.asked, 3);
}

TEST(ServeBudget, GivesBackWhatWasNeverSent)
{
    Counting gone(ok("never"));
    auto settings = gone.settings({.requests = 2, .per = 1h});
    settings.upstreams["api"].endpoints = {config::EndpointSettings("http://127.0.0.1:1")};
    TestGateway gateway(settings);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(gateway.ask(get).status(), 502U);
}

TEST(ServeBudget, WaitsForItsTurnWhereItMay)
{
    Counting api(ok("good"));
    TestGateway gateway(api.settings({.requests = 2, .per = 200ms, .wait = 20s}), 2);
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < 5; ++i) EXPECT_EQ(gateway.ask(get).body, "good");
    EXPECT_GE(std::chrono::steady_clock::now() - began, 400ms) << "the fifth is of the third time";
}

TEST(ServeBudget, DoesNotWaitForWhatWillNotComeInTime)
{
    Counting api(ok("good"));
    TestGateway gateway(api.settings({.requests = 1, .per = 1h, .wait = 20s}));
    EXPECT_EQ(gateway.ask(get).body, "good");
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(gateway.ask(get).status(), 503U);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
}

void wait_for_a_waiter(TestGateway& gateway)
{
    auto& upstreams = gateway.shared().traffic.upstreams;
    while (upstreams.show().front().workers.front()->budget_waits.value() == 0)
        std::this_thread::yield();
}

TEST(ServeBudget, ShowsNothingThatIsKeptToASessionThatIsNotHeardOf)
{
    Counting api("HTTP/1.1 200 OK\r\nCache-Control: max-age=0, stale-if-error=600\r\n"
                 "Content-Length: 4\r\n\r\ngood");
    auto settings = api.settings({.requests = 1, .per = 2s, .wait = 20s});
    auto& route = settings.routes.front();
    route.auth = config::AuthMode::required;
    route.on_stale = config::OnStale::deny;
    route.cache.emplace();
    TestGateway gateway(settings);
    const auto asked = "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " +
                       gateway.token_for("ada") + "\r\n\r\n";
    EXPECT_EQ(gateway.ask(asked).body, "good");
    auto waits = std::async(std::launch::async, [&] { return gateway.ask(asked); });
    wait_for_a_waiter(gateway);
    gateway.shared().feed_is_stale = true;
    const auto refused = waits.get();
    EXPECT_EQ(refused.status(), 503U);
    EXPECT_NE(refused.body.find("store_unavailable"), std::string::npos);
    EXPECT_EQ(api.asked, 1);
}

TEST(ServeBudget, SendsNothingForASessionThatEndedWhileItWaited)
{
    Counting api(ok("good"));
    auto settings = api.settings({.requests = 1, .per = 15s, .wait = 20s});
    settings.routes.front().auth = config::AuthMode::required;
    TestGateway gateway(settings);
    const auto asked = "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " +
                       gateway.token_for("ada") + "\r\n\r\n";
    EXPECT_EQ(gateway.ask(asked).body, "good");
    auto waits = std::async(std::launch::async, [&] { return gateway.ask(asked).status(); });
    wait_for_a_waiter(gateway);
    gateway.revocations.block("ada");
    EXPECT_EQ(waits.get(), 401U);
    EXPECT_EQ(api.asked, 1);
}

} // namespace
} // namespace gatehouse::gateway::test
