#include "gateway/net/errand.hpp"
#include "tests/config/support/temporary_folder.hpp"
#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/upstream/tls_fixture.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using Rest = Errand::Rest;

constexpr auto never = [] { return false; };

Errand::Terms to(const std::string& url, const std::string& protocols = "http,https")
{
    return {url, protocols, {}, 30s};
}

RawBackend::Script hanging()
{
    return [](RawSocket& socket, std::size_t) { (void)socket.take_all(); };
}

TEST(Errand, BringsAnAnswerAndTellsOfIt)
{
    RawBackend server(answering("HTTP/1.1 404 No\r\nCache-Control: max-age=7\r\nRetry-After: 9\r\n"
                                "Content-Length: 4\r\n\r\ngone"));
    Errand errand;
    errand.prepare(to(server.url()));
    std::string body;
    errand.keep_answer(body, 100, Rest::ends_it);
    const auto outcome = errand.run(never);
    EXPECT_EQ(outcome.code, CURLE_OK);
    EXPECT_EQ(outcome.status, 404U);
    EXPECT_EQ(outcome.why, "");
    EXPECT_EQ(body, "gone");
    EXPECT_STREQ(errand.field("Cache-Control"), "max-age=7");
    EXPECT_EQ(errand.field("Age"), nullptr);
    EXPECT_EQ(errand.told(CURLINFO_RETRY_AFTER, curl_off_t{0}), 9);
}

TEST(Errand, KeepsNoMoreThanItMay)
{
    struct Case {
        const char* name;
        std::size_t most;
        Rest rest;
        const char* why;
        std::string kept;
    };

    const Case cases[] = {
        {"just as much",            10, Rest::ends_it,     "",                       "0123456789"},
        {"a byte too much",         9,  Rest::ends_it,     "the answer is too long", ""          },
        {"a byte that is left out", 9,  Rest::is_left_out, "",                       "012345678" },
        {"nothing",                 0,  Rest::is_left_out, "",                       ""          },
    };
    RawBackend server(answering(ok("0123456789")));
    Errand errand;
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        errand.prepare(to(server.url()));
        std::string body;
        errand.keep_answer(body, c.most, c.rest);
        EXPECT_EQ(errand.run(never).why, c.why);
        EXPECT_EQ(body, c.kept);
    }
}

TEST(Errand, ForgetsWhatItWasToldBefore)
{
    std::promise<std::string> second;
    RawBackend server([&](RawSocket& socket, std::size_t) {
        (void)read_request(socket);
        socket.send(ok("one"));
        second.set_value(read_request(socket).head);
        socket.send(ok("two"));
    });
    Errand errand;
    errand.prepare(to(server.url() + "/first"));
    errand.set(CURLOPT_POSTFIELDS, "abc");
    std::string body;
    errand.keep_answer(body, 100, Rest::ends_it);
    EXPECT_EQ(errand.run(never).status, 200U);
    errand.prepare(to(server.url() + "/second"));
    EXPECT_EQ(errand.run(never).status, 200U);
    EXPECT_EQ(body, "one");
    EXPECT_TRUE(second.get_future().get().starts_with("GET /second HTTP/1.1\r\n"));
}

TEST(Errand, FollowsNoRedirect)
{
    RawBackend other(answering(ok("elsewhere")));
    RawBackend server(answering("HTTP/1.1 302 Found\r\nLocation: " + other.url() +
                                "\r\nContent-Length: 0\r\n\r\n"));
    Errand errand;
    errand.prepare(to(server.url()));
    EXPECT_EQ(errand.run(never).status, 302U);
    EXPECT_EQ(other.connections(), 0U);
}

TEST(Errand, SpeaksNothingThatWasNotNamed)
{
    RawBackend server(answering(ok("here")));
    const std::pair<std::string, std::string> cases[] = {
        {"file:///etc/hostname",                              "http,https"},
        {"smtp://127.0.0.1:" + std::to_string(server.port()), "http,https"},
        {server.url(),                                        "https"     },
        {server.url(),                                        "smtp,smtps"},
    };
    Errand errand;
    for (const auto& [url, protocols] : cases) {
        SCOPED_TRACE(url + " by " + protocols);
        errand.prepare(to(url, protocols));
        const auto outcome = errand.run(never);
        EXPECT_EQ(outcome.code, CURLE_UNSUPPORTED_PROTOCOL);
        EXPECT_NE(outcome.why, "");
    }
    EXPECT_EQ(server.connections(), 0U);
}

TEST(Errand, AsksNoProxyOfTheEnvironment)
{
    RawBackend proxy(answering(ok("by the proxy")));
    RawBackend server(answering(ok("here")));
    ::setenv("http_proxy", proxy.url().c_str(), 1);
    Errand errand;
    errand.prepare(to(server.url()));
    EXPECT_EQ(errand.run(never).status, 200U);
    ::unsetenv("http_proxy");
    EXPECT_EQ(proxy.connections(), 0U);
}

TEST(Errand, EndsInTime)
{
    RawBackend server(hanging());
    Errand errand;
    auto terms = to(server.url());
    terms.timeout = 100ms;
    errand.prepare(terms);
    const auto outcome = errand.run(never);
    EXPECT_EQ(outcome.code, CURLE_OPERATION_TIMEDOUT);
    EXPECT_THAT(outcome.why, HasSubstr("timed out"));
}

TEST(Errand, EndsWhenItIsToldToAndServesAgain)
{
    RawBackend server([](RawSocket& socket, std::size_t number) {
        (void)read_request(socket);
        if (number > 0) socket.send(ok("late"));
        (void)socket.take_all();
    });
    Errand errand;
    auto terms = to(server.url());
    terms.timeout = 1h;
    errand.prepare(terms);
    const auto outcome = errand.run([&] { return server.connections() == 1; });
    EXPECT_EQ(outcome.code, CURLE_ABORTED_BY_CALLBACK);
    EXPECT_NE(outcome.why, "");
    EXPECT_EQ(errand.run(never).status, 200U);
}

TEST(Errand, SaysWhyNobodyWasReached)
{
    Errand errand;
    errand.prepare(to("http://127.0.0.1:1"));
    const auto outcome = errand.run(never);
    EXPECT_EQ(outcome.code, CURLE_COULDNT_CONNECT);
    EXPECT_THAT(outcome.why, HasSubstr("127.0.0.1"));
}

/// Answers one request over TLS, if it comes so far.
RawBackend::Script answering_over_tls(SSL_CTX& context, std::string answer)
{
    return [&context, answer](RawSocket& socket, std::size_t) {
        TlsPeer peer(open_server(context));
        std::string asked;
        do {
            peer.give_records(socket.take(socket.received().size()));
            if (peer.shake_hands()) asked += peer.read();
            if (asked.ends_with("\r\n\r\n")) peer.write(answer);
            if (asked.ends_with("\r\n\r\n")) asked.clear();
            socket.send(peer.take_records());
        } while (socket.receive() == RawSocket::End::open);
    };
}

TEST(Errand, BelievesOnlyWhomItsAuthorityVouchesFor)
{
    const auto mine = serving_localhost();
    const auto for_another_name = serving(good_authority().sign({.names = {"elsewhere.test"}}));

    struct Case {
        const char* name;
        SSL_CTX& server;
        std::string authority;
        CURLcode code;
    };

    const Case cases[] = {
        {"its own authority",  *mine,             good_authority().certificate(),  CURLE_OK                      },
        {"another authority",  *mine,             other_authority().certificate(),
         CURLE_PEER_FAILED_VERIFICATION                                                                          },
        {"another name",       *for_another_name, good_authority().certificate(),
         CURLE_PEER_FAILED_VERIFICATION                                                                          },
        {"that of the system", *mine,             {},                              CURLE_PEER_FAILED_VERIFICATION},
    };
    const TemporaryFolder folder;
    const auto file = folder / "authority.pem";
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        std::ofstream(file) << c.authority;
        RawBackend server(answering_over_tls(c.server, ok("sealed")));
        Errand errand;
        auto terms = to("https://localhost:" + std::to_string(server.port()));
        if (!c.authority.empty()) terms.ca = file;
        errand.prepare(terms);
        std::string body;
        errand.keep_answer(body, 100, Rest::ends_it);
        EXPECT_EQ(errand.run(never).code, c.code);
        EXPECT_EQ(body, c.code == CURLE_OK ? "sealed" : "");
    }
    std::filesystem::remove(file);
}

} // namespace
} // namespace gatehouse::gateway::test
