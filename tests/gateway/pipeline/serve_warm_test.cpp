#include "tests/gateway/support/allocation_count.hpp"
#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <gtest/gtest.h>

#include <future>

namespace gatehouse::gateway::test {
namespace {

/// What the worker's own thread has asked for so far.
std::uint64_t allocations_of_worker(TestGateway& gateway)
{
    std::promise<std::uint64_t> count;
    gateway.worker().post([&count] { count.set_value(allocations()); });
    return count.get_future().get();
}

// PERFORMANCE, rule 9: token check, identity, log line and both directions included.
TEST(ServeWarm, AllocatesNothing)
{
    if (!counts_allocations()) GTEST_SKIP() << "a sanitizer owns the allocator";

    struct Case {
        const char* name;
        std::string request; // its head goes on with the token
        std::string body;
        std::string answer;
    };

    const Case cases[] = {
        {"GET with a length", "GET /a?b=c HTTP/1.1\r\n", "", ok(std::string(1024, 'x'))},
        {"GET in chunks", "GET / HTTP/1.1\r\n", "",
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
        {"POST with a length", "POST / HTTP/1.1\r\nContent-Length: 5\r\n", "hello", ok("thanks")},
        {"POST in chunks", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n",
         "5\r\nhello\r\n0\r\n\r\n", ok("thanks")},
        {"HEAD", "HEAD / HTTP/1.1\r\n", "", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        RawBackend backend(answering(c.answer));
        auto settings = public_route_to(backend.url());
        settings.routes.front().auth = config::AuthMode::required;
        settings.log.access = true;
        TestGateway gateway(settings);
        const auto token = gateway.token_for("a-user-id-longer-than-small-strings");
        const auto request =
            c.request + "Host: example.com\r\nAuthorization: Bearer " + token + "\r\n\r\n" + c.body;
        auto client = gateway.connect();
        const auto ask = [&] {
            client.send(request);
            ASSERT_EQ(read_response(client, c.request.starts_with("HEAD")).status(), 200U);
        };
        for (int i = 0; i < 5; ++i) ask();
        (void)allocations_of_worker(gateway); // posting has its own first time
        const auto before = allocations_of_worker(gateway);
        const auto nothing_done = allocations_of_worker(gateway) - before;
        const auto begin = allocations_of_worker(gateway);
        for (int i = 0; i < 20; ++i) ask();
        const auto taken = allocations_of_worker(gateway) - begin;
        EXPECT_EQ(taken, nothing_done);
    }
}

} // namespace
} // namespace gatehouse::gateway::test
