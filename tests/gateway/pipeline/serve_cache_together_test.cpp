// Several who want the same at once.
#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <iterator>
#include <list>
#include <string>
#include <thread>

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// Its first answer comes when the test lets it.
struct Slow {
    explicit Slow(std::string fields, std::string status = "200 OK")
        : told(std::move(fields)),
          said(std::move(status))
    {
    }

    std::string told;
    std::string said;
    std::atomic<int> asked{0};
    std::promise<void> go;
    std::shared_future<void> gone{go.get_future()};
    RawBackend backend{[this](RawSocket& socket, std::size_t) {
        while (read_request(socket).complete) {
            const int number = ++asked;
            if (number == 1) gone.wait();
            socket.send(
                fmt::format("HTTP/1.1 {}\r\n{}Content-Length: 1\r\n\r\n{}", said, told, number));
        }
    }};

    [[nodiscard]] config::Settings settings(config::RouteCacheSettings cache = {}) const
    {
        auto settings = public_route_to(backend.url());
        settings.routes.front().cache = std::move(cache);
        return settings;
    }

    void wait_for(int requests) const
    {
        while (asked < requests) std::this_thread::yield();
    }
};

std::list<RawSocket> asking(const TestGateway& gateway, int clients)
{
    std::list<RawSocket> all;
    for (int i = 0; i < clients; ++i) {
        all.push_back(gateway.connect());
        all.back().send(get);
    }
    return all;
}

TEST(ServeCache, FetchesOnceForAllWhoWantTheSame)
{
    Slow slow("Cache-Control: public, max-age=60\r\n");
    TestGateway gateway(slow.settings(), 2);
    auto clients = asking(gateway, 20);
    slow.wait_for(1);
    slow.go.set_value();
    for (auto& client : clients) EXPECT_EQ(read_response(client).body, "1");
    EXPECT_EQ(slow.asked, 1);
}

TEST(ServeCache, LetsOthersFetchWhenTheFirstHasGone)
{
    Slow slow("Cache-Control: public, max-age=60\r\n");
    TestGateway gateway(slow.settings(), 2);
    auto first = asking(gateway, 1);
    slow.wait_for(1);
    auto others = asking(gateway, 5);
    first.front().close();
    for (auto& client : others) EXPECT_EQ(read_response(client).body, "2");
    EXPECT_EQ(slow.asked, 2);
    slow.go.set_value();
}

TEST(ServeCache, LetsEveryoneGoWhenTheAnswerIsForOneAlone)
{
    Slow slow("Cache-Control: private\r\n");
    TestGateway gateway(slow.settings(), 2);
    auto first = asking(gateway, 1);
    slow.wait_for(1);
    auto others = asking(gateway, 4);
    slow.go.set_value();
    EXPECT_EQ(read_response(first.front()).body, "1");
    for (auto& client : others) EXPECT_NE(read_response(client).body, "1");
    EXPECT_EQ(slow.asked, 5);
}

TEST(ServeCache, LetsNobodyWaitForLongerThanItSays)
{
    Slow slow("Cache-Control: public, max-age=60\r\n");
    config::RouteCacheSettings cache;
    cache.wait = 50ms;
    TestGateway gateway(slow.settings(cache), 2);
    auto first = asking(gateway, 1);
    slow.wait_for(1);
    EXPECT_EQ(gateway.ask(get).body, "2");
    slow.go.set_value();
    EXPECT_EQ(read_response(first.front()).body, "1");
}

TEST(ServeCache, LetsNobodyQueueForWhatOthersCannotFetchForThem)
{
    struct Case {
        const char* name;
        const char* asks; // each with its number
        const char* answer;
    };

    const Case cases[] = {
        {"what they have already", "If-None-Match: \"{}\"\r\n",
         "HTTP/1.1 304 Not Modified\r\nCache-Control: public, max-age=60\r\n\r\n"},
        {"a variant of each",      "Accept-Language: x-{}\r\n",
         "HTTP/1.1 200 OK\r\nCache-Control: public, max-age=60\r\nVary: Accept-Language\r\n"
         "Content-Length: 0\r\n\r\n"                                             },
    };
    constexpr int many = 6;
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        std::atomic<int> asked{0};
        std::promise<void> first;
        std::promise<void> all;
        std::shared_future<void> gone[] = {first.get_future().share(), all.get_future().share()};
        RawBackend backend([&](RawSocket& socket, std::size_t) {
            for (;;) {
                const auto request = read_request(socket);
                if (!request.complete) return;
                if (!request.head.starts_with("GET /warm")) {
                    const int number = ++asked;
                    if (number != 2) gone[number == 1 ? 0 : 1].wait();
                    socket.send(c.answer);
                } else {
                    socket.send(ok("warm"));
                }
            }
        });
        auto settings = public_route_to(backend.url());
        settings.routes.front().cache.emplace().wait = 60s;
        TestGateway gateway(settings, 1);
        const auto is_there = [](RawSocket& client) {
            client.send("GET /warm HTTP/1.1\r\nHost: a\r\n\r\n");
            EXPECT_EQ(read_response(client).body, "warm");
        };
        std::list<RawSocket> clients;
        for (int i = 0; i < many + 1; ++i) is_there(clients.emplace_back(gateway.connect()));
        auto last = std::prev(clients.end());
        for (auto client = clients.begin(); client != last; ++client) {
            const auto number = std::to_string(std::distance(clients.begin(), client));
            auto fields = std::string(c.asks);
            fields.replace(fields.find("{}"), 2, number);
            client->send("GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
        }
        is_there(*last); // so the others, which came before it, wait
        first.set_value();
        const auto patience = std::chrono::steady_clock::now() + 20s;
        while (asked < many && std::chrono::steady_clock::now() < patience)
            std::this_thread::yield();
        EXPECT_EQ(asked, many);
        all.set_value();
        for (auto client = clients.begin(); client != last; ++client)
            EXPECT_NE(read_response(*client).status(), 0U);
    }
}

TEST(ServeCache, KeepsNothingThatHasChangedWhileItWasFetched)
{
    Slow slow("Cache-Control: public, max-age=60\r\n");
    TestGateway gateway(slow.settings(), 2);
    auto first = asking(gateway, 1);
    slow.wait_for(1);
    EXPECT_EQ(gateway.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").body, "2");
    slow.go.set_value();
    EXPECT_EQ(read_response(first.front()).body, "1");
    EXPECT_EQ(gateway.ask(get).body, "3");
    EXPECT_EQ(gateway.ask(get).body, "3");
}

TEST(ServeCache, LetsNothingStandInThatMayHaveChangedMeanwhile)
{
    std::atomic<int> gets{0};
    std::promise<void> go;
    std::shared_future<void> gone{go.get_future()};
    RawBackend backend([&](RawSocket& socket, std::size_t) {
        for (;;) {
            const auto request = read_request(socket);
            if (!request.complete) return;
            const bool fails = request.head.starts_with("GET") && ++gets == 2;
            if (fails) gone.wait();
            socket.send(fmt::format("HTTP/1.1 {}\r\nCache-Control: public, max-age=0, "
                                    "stale-if-error=60\r\nContent-Length: 3\r\n\r\nold",
                                    fails ? "503 Sick" : "200 OK"));
        }
    });
    auto settings = public_route_to(backend.url());
    settings.routes.front().cache.emplace();
    TestGateway gateway(settings, 2);
    EXPECT_EQ(gateway.ask(get).body, "old");
    auto asks = asking(gateway, 1);
    while (gets < 2) std::this_thread::yield();
    EXPECT_EQ(gateway.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").status(),
              200U);
    go.set_value();
    EXPECT_EQ(read_response(asks.front()).status(), 503U);
}

TEST(ServeCache, AnswersNobodyWhoseSessionEndedWhileTheyWaited)
{
    Slow slow("Cache-Control: public, max-age=60\r\n");
    auto settings = slow.settings();
    settings.routes.front().auth = config::AuthMode::required;
    TestGateway gateway(settings, 2);
    const auto of = [&](std::string_view user) {
        return "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + gateway.token_for(user) +
               "\r\n\r\n";
    };
    auto first = gateway.connect();
    first.send(of("ada"));
    slow.wait_for(1);
    auto second = gateway.connect();
    second.send(of("eve"));
    gateway.revocations.block("eve");
    EXPECT_EQ(read_response(second).status(), 401U);
    slow.go.set_value();
    EXPECT_EQ(read_response(first).body, "1");
}

} // namespace
} // namespace gatehouse::gateway::test
