#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"
#include "tests/gateway/upstream/tls_fixture.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <future>

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// A backend behind TLS that answers each request, and with_tickets sends one behind each answer.
RawBackend::Script over_tls(SSL_CTX& context, std::string answer, bool with_tickets = false)
{
    return [&context, answer, with_tickets](RawSocket& socket, std::size_t) {
        const auto ssl = open_server(context);
        SSL_set_fd(ssl.get(), socket.native());
        if (SSL_accept(ssl.get()) != 1) return;
        std::string got;
        std::array<char, 4096> room{};
        for (int count = 0; (count = SSL_read(ssl.get(), room.data(), room.size())) > 0;) {
            got.append(room.data(), static_cast<std::size_t>(count));
            if (!got.ends_with("\r\n\r\n")) continue;
            got.clear();
            SSL_write(ssl.get(), answer.data(), static_cast<int>(answer.size()));
            if (!with_tickets) continue;
            SSL_new_session_ticket(ssl.get());
            SSL_do_handshake(ssl.get()); // sends it
        }
    };
}

config::Settings route_over_tls(const RawBackend& backend, config::UpstreamTlsSettings tls)
{
    auto settings = public_route_to("web");
    auto& upstream = settings.upstreams["web"];
    upstream.endpoints = {"https://127.0.0.1:" + std::to_string(backend.port())};
    upstream.tls = std::move(tls);
    return settings;
}

TEST(ServeTlsUpstream, IsNotAskedForASessionThatEndedBeforeItWasReached)
{
    const auto context = serving_localhost();
    std::promise<void> reached, ended;
    std::atomic<int> bytes = 0;
    RawBackend backend([&](RawSocket& socket, std::size_t) {
        reached.set_value();
        ended.get_future().wait();
        const auto ssl = open_server(*context);
        SSL_set_fd(ssl.get(), socket.native());
        if (SSL_accept(ssl.get()) != 1) return;
        std::array<char, 4096> room{};
        bytes += std::max(0, SSL_read(ssl.get(), room.data(), room.size()));
    });
    auto settings = route_over_tls(backend, trusting(good_authority()));
    settings.routes.front().auth = config::AuthMode::required;
    TestGateway gateway(settings);
    const auto asked = "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " +
                       gateway.token_for("ada") + "\r\n\r\n";
    auto waits = std::async(std::launch::async, [&] { return gateway.ask(asked).status(); });
    reached.get_future().wait();
    gateway.revocations.block("ada");
    ended.set_value();
    EXPECT_EQ(waits.get(), 401U);
    EXPECT_EQ(bytes, 0);
}

int choose_h2(SSL*, const unsigned char** chosen, unsigned char* bytes, const unsigned char*,
              unsigned int, void*)
{
    static constexpr std::array<unsigned char, 2> h2{'h', '2'};
    *chosen = h2.data();
    *bytes = h2.size();
    return SSL_TLSEXT_ERR_OK;
}

TEST(ServeTlsUpstream, IsAskedLikeAnyOther)
{
    const auto context = serving_localhost();
    RawBackend backend(over_tls(*context, ok("over TLS")));
    TestGateway gateway(route_over_tls(backend, trusting(good_authority())));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(gateway.ask(get).body, "over TLS");
    EXPECT_EQ(backend.connections(), 1U);
}

TEST(ServeTlsUpstream, IsNotAskedUnlessItIsTrusted)
{
    struct Case {
        const char* name;
        TestCertificate certificate;
        config::UpstreamTlsSettings tls;
        unsigned status;
    };

    auto unverified = trusting(other_authority());
    unverified.ca.clear();
    unverified.ca_pem.clear();
    unverified.verify = false;
    const auto good = good_authority().sign({.names = {"127.0.0.1"}});
    const Case cases[] = {
        {"good",              good,                                                             trusting(good_authority()),  200},
        {"another authority", good,                                                             trusting(other_authority()), 502},
        {"another name",      good_authority().sign({.names = {"web.test"}}),                   trusting(good_authority()),
         502                                                                                                                    },
        {"expired",
         good_authority().sign({.names = {"127.0.0.1"}, .begins_in = -48h, .ends_in = -1h}),
         trusting(good_authority()),                                                                                         502},
        {"not yet good",      good_authority().sign({.names = {"127.0.0.1"}, .begins_in = 1h}),
         trusting(good_authority()),                                                                                         502},
        {"nobody is asked",   good,                                                             unverified,                  200},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto context = serving(c.certificate);
        RawBackend backend(over_tls(*context, ok("it is me")));
        TestGateway gateway(route_over_tls(backend, c.tls));
        const auto answer = gateway.ask(get);
        EXPECT_EQ(answer.status(), c.status);
        if (c.status != 200) {
            EXPECT_NE(answer.body.find("upstream_unreachable"), std::string::npos);
        }
    }
}

TEST(ServeTlsUpstream, SpeaksNothingThatWasNotAgreedOn)
{
    const auto context = serving_localhost();
    SSL_CTX_set_alpn_select_cb(context.get(), &choose_h2, nullptr);
    RawBackend backend(over_tls(*context, ok("in HTTP/2?")));
    TestGateway gateway(route_over_tls(backend, trusting(good_authority())));
    EXPECT_EQ(gateway.ask(get).status(), 502U);
}

TEST(ServeTlsUpstream, MaySendTicketsToAConnectionThatIsIdle)
{
    const auto context = serving_localhost();
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_SERVER);
    RawBackend backend(over_tls(*context, ok("again"), true));
    TestGateway gateway(route_over_tls(backend, trusting(good_authority())));
    for (int i = 0; i < 10; ++i) EXPECT_EQ(gateway.ask(get).body, "again");
    EXPECT_EQ(backend.connections(), 1U);
}

TEST(ServeTlsUpstream, IsNeverSpokenToInPlain)
{
    std::atomic<bool> asked = false;
    RawBackend backend([&](RawSocket& socket, std::size_t) {
        socket.receive();
        asked = asked || socket.received().starts_with("GET");
        socket.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    });
    TestGateway gateway(route_over_tls(backend, trusting(good_authority())));
    EXPECT_EQ(gateway.ask(get).status(), 502U);
    auto broken = trusting(good_authority());
    broken.ca_pem.clear(); // cannot be made, which nobody noticed before
    TestGateway without(route_over_tls(backend, broken));
    EXPECT_EQ(without.ask(get).status(), 502U);
    EXPECT_FALSE(asked);
}

} // namespace
} // namespace gatehouse::gateway::test
