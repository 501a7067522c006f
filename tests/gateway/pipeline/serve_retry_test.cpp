// Requests that are sent again, and those that never are.
#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <thread>

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";

std::string busy(std::string_view fields = {})
{
    return "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n" + std::string(fields) + "\r\nbusy";
}

/// An upstream that does `answer` (then closes) and counts what it was asked.
struct Bad {
    explicit Bad(std::string answer)
        : backend([this, answer = std::move(answer)](RawSocket& socket, std::size_t) {
              if (!read_request(socket).complete) return;
              ++asked;
              socket.send(answer);
          })
    {
    }

    std::atomic<int> asked{0};
    RawBackend backend;
};

/// Two endpoints, the first asked first.
config::Settings pair_of(const RawBackend& one, const RawBackend& two)
{
    auto settings = public_route_to("pair");
    auto& pair = settings.upstreams["pair"];
    pair.endpoints = {one.url(), two.url()};
    pair.ejection.after = 0;
    pair.retry.attempts = 1;
    pair.retry.on = {"connect", "reset", "503"};
    pair.retry.least = 1000;
    pair.retry.backoff = 0ms;
    return settings;
}

/// Of the answer behind all interim ones.
unsigned final_status(RawSocket& client)
{
    for (;;) {
        const auto status = read_response(client).status();
        if (status < 100 || status >= 200) return status; // below: there was none
    }
}

TEST(ServeRetry, GoesToAnotherEndpointWithWhatMayBeSentTwice) // R14
{
    struct Case {
        const char* name;
        std::string answer; // of the first endpoint, which closes then
        std::string_view request;
        unsigned status;
        int asked_there; // at the good one
    };

    const Case cases[] = {
        {"broken off",                    "",                                             get,                                                        200, 1},
        {"busy",                          busy(),                                         get,                                                        200, 1},
        {"busy, try at once",             busy("Retry-After: 0\r\n"),                     get,                                                        200, 1},
        {"busy for long",                 busy("Retry-After: 30\r\n"),                    get,                                                        503, 0},
        {"not a cause",                   "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", get,                                                        500, 0},
        {"half a head",                   "HTTP/1.1 200 OK\r\nConte",                     get,                                                        502, 0},
        {"no HTTP",                       "220 smtp\r\n\r\n",                             get,                                                        502, 0},
        {"an interim answer",             "HTTP/1.1 103 Hints\r\n\r\n",                   get,                                                        502, 0},
        {"busy behind an interim answer", "HTTP/1.1 103 Hints\r\n\r\n" + busy(),          get,                                                        503, 0},
        {"a POST broken off",             "",                                             post,                                                       502, 0},
        {"a POST, busy",                  busy(),                                         post,                                                       503, 0},
        {"PUT with its body",             "",                                             "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi", 200,
         1                                                                                                                                                  },
        {"PUT in chunks",                 "",
         "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",                                                        502,
         0                                                                                                                                                  },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Bad bad(c.answer);
        Bad good(ok("good"));
        TestGateway gateway(pair_of(bad.backend, good.backend));
        auto client = gateway.connect();
        client.send(c.request);
        EXPECT_EQ(final_status(client), c.status);
        EXPECT_EQ(bad.asked, 1);
        EXPECT_EQ(good.asked, c.asked_there);
    }
}

TEST(ServeRetry, SendsAPostAgainWhereTold)
{
    Bad bad("");
    Bad good(ok("good"));
    auto settings = pair_of(bad.backend, good.backend);
    settings.upstreams["pair"].retry.methods = {"POST"};
    TestGateway gateway(settings);
    EXPECT_EQ(gateway.ask(post).body, "good");
    const auto one = gateway.ask(get).status(); // one of them comes to the bad one, and no further
    const auto other = gateway.ask(get).status();
    EXPECT_EQ(std::min(one, other), 200U);
    EXPECT_EQ(std::max(one, other), 502U);
}

TEST(ServeRetry, EndsAfterSoManyAttemptsWithTheLastAnswer)
{
    Bad one(busy());
    Bad two(busy());
    auto settings = pair_of(one.backend, two.backend);
    settings.upstreams["pair"].retry.attempts = 3;
    TestGateway gateway(settings);
    const auto answer = gateway.ask(get);
    EXPECT_EQ(answer.status(), 503U);
    EXPECT_EQ(answer.body, "busy");
    EXPECT_EQ(one.asked + two.asked, 4);
    EXPECT_EQ(one.asked, 2); // each in turn
}

TEST(ServeRetry, NeverMultipliesAnOutage)
{
    Bad one("");
    Bad two("");
    auto settings = pair_of(one.backend, two.backend);
    settings.upstreams["pair"].retry.attempts = 3;
    settings.upstreams["pair"].retry.budget = 0.25;
    settings.upstreams["pair"].retry.least = 0;
    TestGateway gateway(settings);
    for (int i = 0; i < 40; ++i) EXPECT_EQ(gateway.ask(get).status(), 502U);
    EXPECT_LE(one.asked + two.asked, 40 + 10);
    EXPECT_GE(one.asked + two.asked, 40 + 9);
}

TEST(ServeRetry, LeavesAnEndpointThatTakesTooLong)
{
    RawBackend silent([](RawSocket& socket, std::size_t) { (void)socket.take_all(); });
    Bad good(ok("good"));
    auto settings = pair_of(silent, good.backend);
    settings.upstreams["pair"].retry.on = {"timeout"};
    settings.upstreams["pair"].retry.each = 200ms;
    settings.upstreams["pair"].retry.attempts =
        20; // a machine that stops makes the good one slow, too
    TestGateway gateway(settings);
    EXPECT_EQ(gateway.ask(get).body, "good");
}

/// What replaces a connection that died while it was idle is a try like any other.
TEST(ServeRetry, LeavesAnEndpointThatTakesTooLongBehindADeadConnection)
{
    RawBackend hung([](RawSocket& socket, std::size_t number) {
        if (number != 0) return (void)socket.take_all();
        (void)read_request(socket);
        socket.send(ok("first"));
        (void)read_request(socket);
    });
    Bad good(ok("good"));
    auto settings = pair_of(hung, good.backend);
    settings.upstreams["pair"].retry.on = {"timeout"};
    settings.upstreams["pair"].retry.each = 200ms;
    settings.upstreams["pair"].retry.attempts = 20;
    settings.deadlines.response_head = 1h;
    TestGateway gateway(settings);
    EXPECT_EQ(gateway.ask(get).body, "first");
    EXPECT_EQ(gateway.ask(get).body, "good"); // its turn
    EXPECT_EQ(gateway.ask(get).body, "good");
}

TEST(ServeRetry, KeepsToTheTimeOfTheRequest)
{
    RawBackend silent([](RawSocket& socket, std::size_t) { (void)socket.take_all(); });
    auto settings = pair_of(silent, silent);
    settings.upstreams["pair"].retry.on = {"timeout"};
    settings.upstreams["pair"].retry.each = 200ms;
    settings.upstreams["pair"].retry.attempts = 100;
    settings.routes.front().timeout = 300ms;
    TestGateway gateway(settings);
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(gateway.ask(get).status(), 504U);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 10s); // all of them would take 20
    EXPECT_LE(silent.connections(), 2U);
}

TEST(ServeRetry, TriesAgainWhereNobodyCouldBeReached)
{
    std::string nowhere;
    {
        const RawBackend gone([](RawSocket&, std::size_t) {});
        nowhere = gone.url();
    }
    auto settings = public_route_to("one");
    settings.upstreams["one"].endpoints = {nowhere};
    settings.upstreams["one"].retry.attempts = 2;
    settings.upstreams["one"].retry.backoff = 0ms;
    TestGateway gateway(settings);
    EXPECT_EQ(gateway.ask(get).status(), 502U);
    const auto shown = gateway.shared().traffic.upstreams.show();
    EXPECT_EQ(shown.front().workers.front()->retries.value(), 2U);
}

TEST(ServeRetry, SendsNothingAgainForASessionThatEndedWhileItWaited)
{
    Bad service(busy("Retry-After: 5\r\n"));
    auto settings = pair_of(service.backend, service.backend);
    auto& retry = settings.upstreams["pair"].retry;
    retry.backoff = retry.most = 5s;
    settings.routes.front().auth = config::AuthMode::required;
    TestGateway gateway(settings);
    const auto asked = "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " +
                       gateway.token_for("ada") + "\r\n\r\n";
    auto waits = std::async(std::launch::async, [&] { return gateway.ask(asked).status(); });
    auto& upstreams = gateway.shared().traffic.upstreams;
    while (upstreams.show().front().workers.front()->retries.value() == 0)
        std::this_thread::yield();
    gateway.revocations.block("ada");
    EXPECT_EQ(waits.get(), 401U);
    EXPECT_EQ(service.asked, 1);
}

} // namespace
} // namespace gatehouse::gateway::test
