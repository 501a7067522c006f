#include "gateway/upstream/health_check.hpp"
#include "tests/gateway/support/raw_backend.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;

config::HealthCheckSettings asking(std::chrono::milliseconds timeout = 10s)
{
    config::HealthCheckSettings settings;
    settings.path = "/healthz?deep=1";
    settings.timeout = timeout;
    return settings;
}

HealthResult check(const std::string& url, const config::HealthCheckSettings& settings)
{
    return check_health_now(*parse_endpoint(url), settings);
}

TEST(HealthCheck, AsksForItsPathOnAConnectionOfItsOwn)
{
    std::string asked;
    RawBackend backend([&](RawSocket& socket, std::size_t) {
        asked = socket.take_through("\r\n\r\n");
        socket.send(ok("well"));
    });
    const auto result = check(backend.url(), asking());
    EXPECT_TRUE(result.good);
    EXPECT_EQ(result.reason, "answered 200");
    EXPECT_TRUE(asked.starts_with("GET /healthz?deep=1 HTTP/1.1\r\nHost: 127.0.0.1:")) << asked;
    EXPECT_NE(asked.find("\r\nConnection: close\r\n"), std::string::npos);
}

TEST(HealthCheck, JudgesTheAnswer)
{
    struct Case {
        const char* name;
        std::string answer; // then the backend closes
        bool good;
        const char* reason;
    };

    std::string flood;
    for (int i = 0; i < 20; ++i) flood += "HTTP/1.1 102 Processing\r\n\r\n";
    const Case cases[] = {
        {"another 2xx", "HTTP/1.1 204 No Content\r\n\r\n", true, "answered 204"},
        {"a status not wanted", "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", false,
         "answered 503"},
        {"a redirect", "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", false, "answered 302"},
        {"an interim answer before it", "HTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", true,
         "answered 200"},
        {"nothing", "", false, "upstream_reset"},
        {"half a head", "HTTP/1.1 200 OK\r\nContent-", false, "upstream_protocol"},
        {"no HTTP", "220 smtp.example.com ESMTP\r\n\r\n", false, "upstream_protocol"},
        {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na", false,
         "upstream_protocol"},
        {"interim answers without end", flood, false, "upstream_protocol"},
        {"a head without end", "HTTP/1.1 200 OK\r\nX: " + std::string(200'000, 'x'), false,
         "upstream_protocol"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        RawBackend backend([&](RawSocket& socket, std::size_t) {
            (void)read_request(socket);
            socket.send(c.answer);
        });
        const auto result = check(backend.url(), asking());
        EXPECT_EQ(result.good, c.good);
        EXPECT_EQ(result.reason, c.reason);
    }
}

TEST(HealthCheck, TakesTheStatusesItIsTold)
{
    auto settings = asking();
    settings.statuses = {"200-299", "401"};
    EXPECT_TRUE(judge_health(401, settings).good);
    EXPECT_TRUE(judge_health(299, settings).good);
    EXPECT_FALSE(judge_health(300, settings).good);
    EXPECT_FALSE(judge_health(400, settings).good);
}

TEST(HealthCheck, AsksForAnotherHostWhereToldSo)
{
    auto settings = asking();
    settings.host = "orders.internal";
    const auto request = health_request(*parse_endpoint("http://10.0.0.1:80"), settings);
    EXPECT_NE(request.find("\r\nHost: orders.internal\r\n"), std::string::npos);
}

TEST(HealthCheck, WaitsNoLongerThanItMay)
{
    RawBackend silent([](RawSocket& socket, std::size_t) { (void)socket.take_all(); });
    const auto began = std::chrono::steady_clock::now();
    const auto result = check(silent.url(), asking(50ms));
    EXPECT_FALSE(result.good);
    EXPECT_EQ(result.reason, "upstream_timeout");
    EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
}

TEST(HealthCheck, SaysThatNobodyIsThere)
{
    std::string nowhere;
    {
        const RawBackend gone([](RawSocket&, std::size_t) {});
        nowhere = gone.url();
    }
    EXPECT_EQ(check(nowhere, asking()).reason, "upstream_unreachable");
    EXPECT_FALSE(check("http://no-such-host.invalid:80", asking()).good);
}

} // namespace
} // namespace gatehouse::gateway::test
