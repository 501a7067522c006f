#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <gtest/gtest.h>

#include <future>

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

std::string interim_answers(std::size_t count, std::string_view fields = "")
{
    std::string text;
    while (count-- > 0) text.append("HTTP/1.1 103 Early Hints\r\n").append(fields).append("\r\n");
    return text;
}

TEST(ServeInterim, TakesInterimAnswersButNoFloodOfThem) // R62
{
    struct Case {
        const char* name;
        std::string_view request;
        std::size_t interim;
        std::string_view last; // of the heads that the client gets
    };

    const Case cases[] = {
        {"as many as there may be",       get,                      60, "HTTP/1.1 200"},
        {"one more",                      get,                      61, "HTTP/1.1 502"},
        {"one more, that nobody is sent", "GET / HTTP/1.0\r\n\r\n", 61, "HTTP/1.1 502"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        RawBackend backend(answering(interim_answers(c.interim) + ok("at last")));
        TestGateway gateway(public_route_to(backend.url()));
        auto client = gateway.connect();
        client.send(c.request);
        auto head = client.take_through("\r\n\r\n");
        while (head.starts_with("HTTP/1.1 103")) head = client.take_through("\r\n\r\n");
        EXPECT_EQ(std::string_view(head).substr(0, c.last.size()), c.last);
    }
}

TEST(ServeInterim, RepeatsNothingAfterAnInterimAnswer) // R14
{
    RawBackend backend([](RawSocket& socket, std::size_t) {
        (void)read_request(socket);
        socket.send(ok("first"));
        (void)read_request(socket);
        socket.send(interim_answers(1));
    });
    TestGateway gateway(public_route_to(backend.url()));
    auto client = gateway.connect();
    client.send(get);
    EXPECT_EQ(read_response(client).body, "first");
    client.send(get);
    EXPECT_EQ(read_response(client).status(), 103U);
    EXPECT_EQ(read_response(client).status(), 502U);
    EXPECT_EQ(backend.connections(), 1U);
}

/// What a client that reads late gets of an upstream that sends nothing but this, and then is
/// silent for so long.
std::string cut_off(const std::string& hint, std::chrono::milliseconds patience)
{
    std::promise<void> given_up;
    RawBackend backend([&](RawSocket& socket, std::size_t) {
        (void)read_request(socket);
        for (int i = 0; i < 60; ++i) socket.send(hint);
        (void)socket.take_all();
        given_up.set_value();
    });
    auto settings = public_route_to(backend.url());
    settings.deadlines.response_head = patience;
    settings.limits.head_bytes = 64 << 10;
    TestGateway gateway(settings);
    RawSocket client(gateway.port(), 2048);
    client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    given_up.get_future().get();
    return client.take_all();
}

TEST(ServeInterim, NeverRefusesBehindHalfAnInterimAnswer)
{
    const auto hint = interim_answers(1, "Link: <" + std::string(60'000, 'a') + ">\r\n");
    // Where a slow machine had not filled all buffers by then, a refusal stands behind whole ones.
    auto received = cut_off(hint, 200ms);
    for (auto patience = 1s; received.ends_with('}') && patience < 20s; patience *= 2)
        received = cut_off(hint, patience);
    EXPECT_LT(received.size(), 60 * hint.size()) << "nothing was left to be cut in half";
    for (std::size_t at = 0; at < received.size(); at += hint.size()) {
        const auto piece = std::string_view(received).substr(at, hint.size());
        ASSERT_TRUE(hint.starts_with(piece)) << "at " << at << ": " << piece.substr(0, 40);
    }
}

} // namespace
} // namespace gatehouse::gateway::test
