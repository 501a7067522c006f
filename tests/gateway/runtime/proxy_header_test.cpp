// What stands before the first request where a proxy says for whom it connects.
#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view of_ada = "PROXY TCP4 203.0.113.5 10.0.0.1 40000 80\r\n";
constexpr std::string_view of_nobody = "PROXY UNKNOWN\r\n";

/// Answers with the X-Forwarded-For that it got.
RawBackend::Script telling()
{
    return [](RawSocket& socket, std::size_t) {
        for (;;) {
            const auto request = read_request(socket);
            if (!request.complete || !socket.send(ok(request.field("X-Forwarded-For")))) return;
        }
    };
}

config::Settings behind_proxies(const std::string& upstream, std::vector<std::string> proxies)
{
    auto settings = public_route_to(upstream);
    settings.listen.front().proxy_protocol = config::ProxyProtocol::required;
    settings.trusted_proxies = std::move(proxies);
    return settings;
}

class ProxyHeaders : public testing::Test {
protected:
    [[nodiscard]] std::uint64_t refused(ProxyRefusal why)
    {
        return gateway.worker().counters().proxies_refused[static_cast<std::size_t>(why)].value();
    }

    RawBackend backend{telling()};
    TestGateway gateway{behind_proxies(backend.url(), {"127.0.0.0/8", "10.0.0.0/8"})};
};

TEST_F(ProxyHeaders, NameThePeerOfAllRequestsBehindThem)
{
    struct Case {
        const char* name;
        std::string_view header;
        std::string_view fields;
        std::string_view forwarded_for;
    };

    const Case cases[] = {
        {"a client",                of_ada,                                      "",                               "203.0.113.5"        },
        {"no word",                 of_nobody,                                   "",                               "127.0.0.1"          },
        {"a client is a stranger",  of_ada,                                      "X-Forwarded-For: 192.0.2.9\r\n", "203.0.113.5"        },
        {"another proxy of ours",   "PROXY TCP4 10.0.0.7 10.0.0.1 40000 80\r\n",
         "X-Forwarded-For: 192.0.2.9\r\n",                                                                         "192.0.2.9, 10.0.0.7"},
        {"the proxy's own request", of_nobody,                                   "X-Forwarded-For: 192.0.2.9\r\n",
         "192.0.2.9, 127.0.0.1"                                                                                                         },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto request = "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(c.fields) + "\r\n";
        auto client = gateway.connect();
        client.send(std::string(c.header) + request);
        EXPECT_EQ(read_response(client).body, c.forwarded_for);
        client.send(request);
        EXPECT_EQ(read_response(client).body, c.forwarded_for) << "and of the next one";
    }
}

TEST_F(ProxyHeaders, MayComeInPieces)
{
    const auto all = std::string(of_ada) + std::string(get);
    for (std::size_t cut = 1; cut < all.size(); ++cut) {
        auto client = gateway.connect();
        client.send(all.substr(0, cut));
        ASSERT_TRUE(client.is_silent_for(2ms)) << cut;
        client.send(all.substr(cut));
        ASSERT_EQ(read_response(client).body, "203.0.113.5") << cut;
    }
}

TEST_F(ProxyHeaders, ComeOnceAndWithNothingButThem)
{
    struct Case {
        const char* name;
        std::string sent;
        ProxyRefusal why;
    };

    const Case cases[] = {
        {"none", std::string(get), ProxyRefusal::missing},
        {"TLS", "\x16\x03\x01", ProxyRefusal::missing},
        {"not an address", "PROXY TCP4 localhost 10.0.0.1 1 2\r\n", ProxyRefusal::malformed},
        {"too long", "PROXY UNKNOWN " + std::string(93, 'x'), ProxyRefusal::too_long},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto before = refused(c.why);
        auto client = gateway.connect();
        client.send(c.sent);
        EXPECT_EQ(client.take_all(), "");
        EXPECT_EQ(refused(c.why), before + 1);
    }
    auto twice = gateway.connect();
    twice.send(std::string(of_ada) + std::string(of_ada) + std::string(get));
    EXPECT_EQ(read_response(twice).status(), 400U);
}

TEST_F(ProxyHeaders, AreNotCountedWhereNobodyBegan)
{
    auto check = gateway.connect(); // as balancers look whether a port is open
    check.close();
    auto client = gateway.connect();
    client.send(std::string(of_ada) + std::string(get));
    EXPECT_EQ(read_response(client).status(), 200U);
    for (std::size_t i = 0; i < proxy_refusals; ++i)
        EXPECT_EQ(refused(static_cast<ProxyRefusal>(i)), 0U);
}

TEST_F(ProxyHeaders, AreHeardWhileTheGatewayDrains)
{
    auto client = gateway.connect();
    client.send(of_ada.substr(0, 10));
    EXPECT_TRUE(client.is_silent_for(20ms));
    gateway.worker().drain();
    client.send(std::string(of_ada.substr(10)) + std::string(get));
    const auto answer = read_response(client);
    EXPECT_EQ(answer.body, "203.0.113.5");
    EXPECT_TRUE(client.is_closed());
}

TEST_F(ProxyHeaders, DoNotHoldUpTheEnd)
{
    auto client = gateway.connect();
    client.send(of_ada.substr(0, 10));
    EXPECT_TRUE(client.is_silent_for(20ms));
    gateway.worker().stop();
    EXPECT_TRUE(client.is_closed());
}

TEST_F(ProxyHeaders, CountForTheConnectionsThatBeganWithThem)
{
    auto before = gateway.connect();
    before.send(std::string(of_ada) + std::string(get));
    EXPECT_EQ(read_response(before).body, "203.0.113.5");
    auto settings = public_route_to(backend.url());
    gateway.worker().use(std::make_shared<const Runtime>(settings, nullptr, nullptr, 2));
    EXPECT_EQ(gateway.ask(get).body, "127.0.0.1");
    before.send(get);
    EXPECT_EQ(read_response(before).body, "203.0.113.5");
}

TEST(ProxyHeadersOf, PeersThatAreNotTrustedAreNotRead)
{
    RawBackend backend{telling()};
    TestGateway gateway{behind_proxies(backend.url(), {"10.0.0.0/8"})};
    auto client = gateway.connect();
    client.send(std::string(of_ada) + std::string(get));
    EXPECT_EQ(client.take_all(), "");
    EXPECT_EQ(gateway.worker()
                  .counters()
                  .proxies_refused[static_cast<std::size_t>(ProxyRefusal::untrusted)]
                  .value(),
              1U);
}

TEST(ProxyHeadersOf, SlowPeersAreWaitedForNoLongerThanForAHead)
{
    RawBackend backend{telling()};
    auto settings = behind_proxies(backend.url(), {"127.0.0.0/8"});
    settings.deadlines.head = 100ms;
    TestGateway gateway{settings};
    for (const auto part : {std::string_view(), of_ada.substr(0, 20)}) {
        auto client = gateway.connect();
        client.send(part);
        EXPECT_EQ(client.take_all(), "");
    }
    EXPECT_EQ(gateway.worker()
                  .counters()
                  .proxies_refused[static_cast<std::size_t>(ProxyRefusal::late)]
                  .value(),
              2U);
}

} // namespace
} // namespace gatehouse::gateway::test
