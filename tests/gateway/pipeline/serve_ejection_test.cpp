// Endpoints that fail requests are left alone; those that are fit carry all.
#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

config::Settings pair_of(const RawBackend& one, const RawBackend& two)
{
    auto settings = public_route_to("pair");
    auto& pair = settings.upstreams["pair"];
    pair.endpoints = {one.url(), two.url()};
    pair.ejection.after = 3;
    pair.ejection.base = 1h;
    pair.ejection.most = 1h;
    return settings;
}

int count_of(TestGateway& gateway, std::string_view body, int requests)
{
    int times = 0;
    for (int i = 0; i < requests; ++i) times += gateway.ask(get).body == body ? 1 : 0;
    return times;
}

TEST(ServeEjection, SparesRequestsAnEndpointThatFails)
{
    struct Case {
        const char* name;
        std::string answer; // then the backend closes
        bool on_5xx;
        bool left_alone;
    };

    const Case cases[] = {
        {"breaks off",                   "",                                                    false, true },
        {"speaks no HTTP",               "220 smtp\r\n\r\n",                                    false, true },
        {"answers 500",                  "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",        false, false},
        {"answers 500, and that counts", "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",        true,
         true                                                                                               },
        {"answers 404, and 500 counts",  "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", true,
         false                                                                                              },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        std::atomic<int> asked{0};
        RawBackend bad([&](RawSocket& socket, std::size_t) {
            if (!read_request(socket).complete) return;
            ++asked;
            socket.send(c.answer);
        });
        RawBackend good(answering(ok("good")));
        auto settings = pair_of(bad, good);
        settings.upstreams["pair"].ejection.on_5xx = c.on_5xx;
        TestGateway gateway(settings);
        const int well = count_of(gateway, "good", 20);
        EXPECT_EQ(asked, c.left_alone ? 3 : 10);
        EXPECT_EQ(well, c.left_alone ? 17 : 10);
    }
}

TEST(ServeEjection, DoesNotAskAnEndpointThatIsGoneWithEachRequest)
{
    RawBackend good(answering(ok("good")));
    auto settings = pair_of(good, good);
    {
        const RawBackend gone([](RawSocket&, std::size_t) {});
        settings.upstreams["pair"].endpoints.front() = gone.url();
    }
    TestGateway gateway(settings);
    EXPECT_EQ(count_of(gateway, "good", 20), 20);
    const auto endpoints = gateway.shared().endpoints.all();
    const auto ejected = std::ranges::count_if(
        endpoints, [](const auto& each) { return each->standing({}).ejections == 1; });
    EXPECT_EQ(ejected, 1);
}

TEST(ServeEjection, CountsOverAllWorkers)
{
    std::atomic<int> asked{0};
    RawBackend bad([&](RawSocket& socket, std::size_t) {
        if (read_request(socket).complete) ++asked;
    });
    RawBackend good(answering(ok("good")));
    TestGateway gateway(pair_of(bad, good), 2);
    while (gateway.shared().endpoints.all().front()->standing({}).ejections +
               gateway.shared().endpoints.all().back()->standing({}).ejections ==
           0) {
        (void)gateway.ask(get);
    }
    EXPECT_EQ(asked, 3);
}

TEST(ServeEjection, BlamesNoEndpointForItsClients)
{
    RawBackend one(answering(ok("1")));
    RawBackend two(answering(ok("2")));
    TestGateway gateway(pair_of(one, two));
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(gateway
                      .ask("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                           "nonsense\r\n")
                      .status(),
                  400U);
    }
    for (const auto& endpoint : gateway.shared().endpoints.all()) {
        EXPECT_EQ(endpoint->standing({}).ejections, 0U);
    }
}

} // namespace
} // namespace gatehouse::gateway::test
