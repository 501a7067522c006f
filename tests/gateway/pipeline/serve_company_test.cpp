// Requests that are under way together are sent together; nothing else about them may change.
#include "tests/gateway/support/allocation_count.hpp"
#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <gtest/gtest.h>

#include <future>
#include <list>

namespace gatehouse::gateway::test {
namespace {

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

config::Settings with_company(const std::string& upstream, const std::string& silent)
{
    auto settings = public_route_to(upstream);
    auto route = settings.routes.front();
    route.match = "/company";
    route.to = silent;
    settings.routes.push_back(route);
    return settings;
}

/// A gateway whose one worker always has another request under way: its upstream never answers.
class InCompany {
public:
    explicit InCompany(RawBackend::Script script)
        : backend(std::move(script)),
          silent_([this](RawSocket& socket, std::size_t) {
              (void)read_request(socket);
              asked_.set_value();
              (void)read_request(socket); // until the gateway ends it
          }),
          gateway(with_company(backend.url(), silent_.url())),
          companion_(gateway.connect())
    {
        companion_.send("GET /company HTTP/1.1\r\nHost: a\r\n\r\n");
        asked_.get_future().wait();
    }

private:
    std::promise<void> asked_;

public:
    RawBackend backend;

private:
    RawBackend silent_;

public:
    TestGateway gateway;

private:
    RawSocket companion_;
};

TEST(ServeCompany, AnswersAsItDoesAlone)
{
    struct Case {
        const char* name;
        std::string request;
        std::string answer; // then the backend closes
        unsigned status;
        std::string body; // or a part of it
    };

    const std::string large(300'000, 'x');
    const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
    const Case cases[] = {
        {"GET",                               std::string(get),                                                ok("hello"),                                     200, "hello"            },
        {"a large answer",                    std::string(get),                                                ok(large),                                       200, large              },
        {"chunks",                            std::string(get),
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",                                                                        200,
         "hello"                                                                                                                                                                        },
        {"until close",                       std::string(get),                                                "HTTP/1.1 200 OK\r\n\r\nhello",                  200, "hello"            },
        {"204",                               std::string(get),                                                "HTTP/1.1 204 No Content\r\n\r\n",               204, ""                 },
        {"POST",                              post + "Content-Length: 2\r\n\r\nhi",                            ok("thanks"),                                    200, "thanks"           },
        {"a large POST",                      post + "Content-Length: 300000\r\n\r\n" + large,                 ok("thanks"),                                    200,
         "thanks"                                                                                                                                                                       },
        {"POST in chunks",                    post + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
         ok("thanks"),                                                                                                                                          200, "thanks"           },
        {"interim answers",                   std::string(get),                                                "HTTP/1.1 103 Early Hints\r\n\r\n" + ok("late"), 103,
         ""                                                                                                                                                                             },
        {"no answer",                         std::string(get),                                                "",                                              502, "upstream_reset"   },
        {"half a head",                       std::string(get),                                                "HTTP/1.1 200 OK\r\nContent-",                   502, "upstream_reset"   },
        {"no HTTP",                           std::string(get),                                                "220 smtp.example.com ESMTP\r\n\r\n",            502,
         "upstream_protocol"                                                                                                                                                            },
        {"a bad chunk right behind the head", std::string(get),
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",                                                                                         502, "upstream_protocol"},
        {"a request that is none",            "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",                           "",                                              400, "bad_request"      },
        {"a POST whose chunks are none",      post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",               "",                                              400,
         "bad_request"                                                                                                                                                                  },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        InCompany here([&](RawSocket& socket, std::size_t) {
            (void)read_request(socket);
            socket.send(c.answer);
        });
        auto client = here.gateway.connect();
        client.send(c.request);
        const auto answer = read_response(client);
        EXPECT_EQ(answer.status(), c.status);
        EXPECT_NE(answer.body.find(c.body), std::string::npos) << answer.body.substr(0, 200);
        if (c.status == 103) EXPECT_EQ(read_response(client).body, "late");
    }
}

TEST(ServeCompany, AnswersManyAtOnceOnConnectionsThatStay)
{
    InCompany here([](RawSocket& socket, std::size_t) {
        for (;;) {
            const auto request = read_request(socket);
            if (!request.complete) return;
            const auto name = request.head.substr(4, request.head.find(" HTTP") - 4);
            if (!socket.send(ok(name))) return;
        }
    });
    std::list<RawSocket> clients;
    for (int i = 0; i < 20; ++i) clients.push_back(here.gateway.connect());
    for (int round = 0; round < 20; ++round) {
        int number = 0;
        for (auto& client : clients) {
            client.send("GET /" + std::to_string(round) + "-" + std::to_string(number++) +
                        " HTTP/1.1\r\nHost: a\r\n\r\n");
        }
        number = 0;
        for (auto& client : clients) {
            EXPECT_EQ(read_response(client).body,
                      "/" + std::to_string(round) + "-" + std::to_string(number++));
        }
    }
}

TEST(ServeCompany, AnswersPipelinedRequestsInTheirOrder)
{
    InCompany here([](RawSocket& socket, std::size_t) {
        for (auto request = read_request(socket); request.complete; request = read_request(socket))
            if (!socket.send(ok(request.head.substr(4, 2)))) return;
    });
    auto client = here.gateway.connect();
    std::string requests;
    for (const char* path : {"/1", "/2", "/3"})
        requests += std::string("GET ") + path + " HTTP/1.1\r\nHost: a\r\n\r\n";
    client.send(requests + "GET / HTTP/1.1\r\n\r\n");
    for (const char* path : {"/1", "/2", "/3"}) EXPECT_EQ(read_response(client).body, path);
    EXPECT_EQ(read_response(client).status(), 400U);
}

TEST(ServeCompany, RepeatsWhatAReusedConnectionDidNotTake) // R14
{
    InCompany here([](RawSocket& socket, std::size_t number) {
        if (!read_request(socket).complete) return;
        socket.send(ok(std::to_string(number)));
        if (number == 0) {
            (void)socket.take_through("\r\n\r\n");
            return socket.reset();
        }
        (void)read_request(socket);
    });
    auto client = here.gateway.connect();
    client.send(get);
    EXPECT_EQ(read_response(client).body, "0");
    client.send(get);
    EXPECT_EQ(read_response(client).body, "1");
}

TEST(ServeCompany, SurvivesClientsThatLeaveBeforeTheirAnswer)
{
    InCompany here(answering(ok(std::string(1000, 'x'))));
    for (int i = 0; i < 50; ++i) {
        auto leaving = here.gateway.connect();
        leaving.send(get);
        leaving.reset();
    }
    EXPECT_EQ(here.gateway.ask(get).status(), 200U);
}

TEST(ServeCompany, LeavesNothingBehindThatWouldWakeWhoHasGone)
{
    InCompany here(answering(ok("bye")));
    // More at once than the worker keeps exchanges for: those of the others really go away.
    for (int round = 0; round < 3; ++round) {
        std::list<RawSocket> clients;
        for (int i = 0; i < 400; ++i) clients.push_back(here.gateway.connect());
        for (auto& client : clients)
            client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        for (auto& client : clients) ASSERT_EQ(read_response(client).body, "bye");
    }
}

TEST(ServeCompany, AllocatesNothing)
{
    if (!counts_allocations()) GTEST_SKIP() << "a sanitizer owns the allocator";
    InCompany here(answering(ok(std::string(1024, 'x'))));
    const auto allocations_of_worker = [&] {
        std::promise<std::uint64_t> count;
        here.gateway.worker().post([&count] { count.set_value(allocations()); });
        return count.get_future().get();
    };
    auto client = here.gateway.connect();
    const auto ask = [&] {
        client.send(get);
        ASSERT_EQ(read_response(client).status(), 200U);
    };
    for (int i = 0; i < 5; ++i) ask();
    (void)allocations_of_worker(); // posting has its own first time
    const auto before = allocations_of_worker();
    const auto nothing_done = allocations_of_worker() - before;
    const auto begin = allocations_of_worker();
    for (int i = 0; i < 20; ++i) ask();
    EXPECT_EQ(allocations_of_worker() - begin, nothing_done);
}

} // namespace
} // namespace gatehouse::gateway::test
