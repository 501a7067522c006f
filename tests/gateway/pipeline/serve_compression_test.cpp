// Answers that are compressed, and those that are not.
#include "tests/gateway/compress/decoded.hpp"
#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <thread>

namespace gatehouse::gateway::test {
namespace {

std::string long_text(std::size_t bytes = 200'000)
{
    std::string text;
    for (int i = 0; text.size() < bytes; ++i) text += fmt::format("line {}\n", i * 7919);
    return text;
}

std::string with_length(std::string_view body, std::string_view fields = {})
{
    return fmt::format("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n{}Content-Length: {}"
                       "\r\n\r\n{}",
                       fields, body.size(), body);
}

std::string in_chunks(std::string_view body, bool ends = true)
{
    std::string reply = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: "
                        "chunked\r\n\r\n";
    while (!body.empty()) {
        const auto piece = body.substr(0, 5000);
        reply += fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
        body.remove_prefix(piece.size());
    }
    return ends ? reply + "0\r\nX-Sum: 1\r\n\r\n" : reply;
}

/// Answers each request with what it is told, and ends the connection where that has no end.
struct Service {
    explicit Service(std::string with) : reply(std::move(with)) {}

    std::string reply;
    RawBackend backend{[this](RawSocket& socket, std::size_t) {
        for (;;) {
            const auto request = read_request(socket);
            if (!request.complete) return;
            const bool wants_head = request.head.starts_with("HEAD");
            socket.send(wants_head ? reply.substr(0, reply.find("\r\n\r\n") + 4) : reply);
            if (reply.find("chunked") != std::string::npos && !reply.ends_with("\r\n\r\n")) return;
        }
    }};

    [[nodiscard]] config::Settings settings() const
    {
        auto settings = public_route_to(backend.url());
        settings.routes.front().compression.emplace();
        return settings;
    }
};

std::string get(std::string_view fields, std::string_view method = "GET",
                std::string_view version = "1.1")
{
    return fmt::format("{} / HTTP/{}\r\nHost: a\r\n{}\r\n", method, version, fields);
}

std::string text_of(ContentCoding coding, const Message& answer)
{
    const auto read = decoded(coding, answer.body);
    EXPECT_TRUE(read && read->is_whole);
    return read ? read->text : "";
}

/// What a worker counts it counts when the client has its answer already.
bool comes_true(const std::function<bool()>& condition)
{
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (!condition() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    return condition();
}

TEST(ServeCompression, PacksAsTheClientLikes)
{
    const auto text = long_text();
    for (const auto& reply : {with_length(text), in_chunks(text)}) {
        Service service(reply);
        TestGateway gateway(service.settings());
        for (const auto coding : {ContentCoding::zstd, ContentCoding::br, ContentCoding::gzip}) {
            const auto answer =
                gateway.ask(get(fmt::format("Accept-Encoding: {}\r\n", to_string(coding))));
            EXPECT_EQ(answer.field("Content-Encoding"), to_string(coding));
            EXPECT_EQ(answer.field("Vary"), "Accept-Encoding");
            EXPECT_EQ(answer.field("Content-Length"), "");
            EXPECT_TRUE(answer.complete);
            EXPECT_LT(answer.body.size(), text.size() / 2);
            EXPECT_TRUE(text_of(coding, answer) == text) << to_string(coding);
        }
        EXPECT_TRUE(comes_true([&] {
            return gateway.sum(&Counters::compressed_bytes_in) == 3 * text.size() &&
                   gateway.shared().encoders.used() == 0;
        }));
    }
}

TEST(ServeCompression, LeavesTheOthersAsTheyAre)
{
    const auto text = long_text();
    Service service(with_length(text, "ETag: \"a\"\r\nAccept-Ranges: bytes\r\n"));
    TestGateway gateway(service.settings());
    for (const auto& request :
         {get(""), get("Accept-Encoding: gzip;q=0\r\n"), get("Accept-Encoding: gzip;q=2\r\n"),
          get("Accept-Encoding: gzip\r\nCache-Control: no-cache, No-Transform\r\n"),
          get("Accept-Encoding: gzip\r\n", "GET", "1.0")}) {
        const auto answer = gateway.ask(request);
        EXPECT_EQ(answer.field("Content-Encoding"), "");
        EXPECT_EQ(answer.field("Vary"), "Accept-Encoding");
        EXPECT_EQ(answer.field("ETag"), "\"a\"");
        EXPECT_EQ(answer.field("Accept-Ranges"), "bytes");
        EXPECT_TRUE(answer.body == text);
    }
}

TEST(ServeCompression, SaysTheSameOfHead)
{
    Service service(with_length(long_text(), "ETag: \"a\"\r\nAccept-Ranges: bytes\r\n"));
    TestGateway gateway(service.settings());
    auto client = gateway.connect();
    client.send(get("Accept-Encoding: br\r\n", "HEAD"));
    const auto head = client.take_through("\r\n\r\n");
    EXPECT_NE(head.find("Content-Encoding: br\r\n"), std::string::npos);
    EXPECT_NE(head.find("ETag: W/\"a\"\r\n"), std::string::npos);
    EXPECT_EQ(head.find("Content-Length"), std::string::npos);
    EXPECT_EQ(head.find("Accept-Ranges"), std::string::npos);
}

TEST(ServeCompression, OfATruncatedBodyIsTruncated)
{
    Service service(in_chunks(long_text(), false));
    TestGateway gateway(service.settings());
    for (const auto coding : {ContentCoding::zstd, ContentCoding::br, ContentCoding::gzip}) {
        const auto answer =
            gateway.ask(get(fmt::format("Accept-Encoding: {}\r\n", to_string(coding))));
        EXPECT_FALSE(answer.complete);
    }
}

TEST(ServeCompression, HasABoundInMemory)
{
    const auto text = long_text();
    Service service(with_length(text));
    auto settings = service.settings();
    settings.compression.memory_bytes = 1; // not even one finds room
    TestGateway gateway(settings);
    const auto answer = gateway.ask(get("Accept-Encoding: gzip\r\n"));
    EXPECT_EQ(answer.field("Content-Encoding"), "");
    EXPECT_EQ(answer.field("Vary"), "Accept-Encoding");
    EXPECT_TRUE(answer.body == text);
}

TEST(ServeCompression, PacksWhatIsKept)
{
    const auto text = long_text(900'000);
    Service service(with_length(text, "Cache-Control: public, max-age=60\r\nETag: \"a\"\r\n"));
    auto settings = service.settings();
    settings.routes.front().cache.emplace();
    TestGateway gateway(settings);
    EXPECT_TRUE(text_of(ContentCoding::gzip, gateway.ask(get("Accept-Encoding: gzip\r\n"))) ==
                text);
    const auto hit = gateway.ask(get("Accept-Encoding: br\r\n"));
    EXPECT_TRUE(hit.field("Cache-Status").starts_with("gatehouse; hit"));
    EXPECT_EQ(hit.field("ETag"), "W/\"a\"");
    EXPECT_TRUE(text_of(ContentCoding::br, hit) == text);
    const auto plain = gateway.ask(get(""));
    EXPECT_TRUE(plain.field("Cache-Status").starts_with("gatehouse; hit"));
    EXPECT_TRUE(plain.body == text);
    const auto known = gateway.ask(get("Accept-Encoding: br\r\nIf-None-Match: W/\"a\"\r\n"));
    EXPECT_EQ(known.status(), 304U);
    EXPECT_EQ(known.field("ETag"), "W/\"a\"");
    EXPECT_EQ(known.field("Vary"), "Accept-Encoding");
    EXPECT_EQ(known.field("Content-Encoding"), "");
}

TEST(ServeCompression, IsNotForRefusals)
{
    Service service(with_length(long_text()));
    auto settings = service.settings();
    settings.routes.front().auth = config::AuthMode::required;
    settings.routes.front().compression->min_size_bytes = 0;
    TestGateway gateway(settings);
    const auto answer = gateway.ask(get("Accept-Encoding: gzip\r\n"));
    EXPECT_EQ(answer.status(), 401U);
    EXPECT_EQ(answer.field("Content-Encoding"), "");
    EXPECT_EQ(answer.field("Vary"), "");
}

} // namespace
} // namespace gatehouse::gateway::test
