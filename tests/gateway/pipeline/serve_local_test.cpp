#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace gatehouse::gateway::test {
namespace {

/// Says what it was asked, and fails on request.
class Parrot final : public LocalEndpoint {
public:
    Task<LocalResponse> answer(const LocalRequest& request) override
    {
        LocalResponse response;
        response.status = 201;
        response.fields = {
            {"Content-Type", "text/plain"},
            {"Set-Cookie",   "a=b"       }
        };
        response.body.append(request.method).append(" ").append(request.path);
        response.body.append(" ").append(request.query).append(" ").append(request.body);
        if (request.path == "/auth/refused") {
            response.refusal = Refusal(RefusalCode::refresh_token_reused);
        }
        if (request.path == "/auth/verify") response.refusal = Refusal(RefusalCode::token_missing);
        if (request.path == "/auth/fails") throw std::runtime_error("no memory");
        co_return response;
    }
};

class ServeLocal : public testing::Test {
protected:
    RawBackend backend{answering(ok("from the backend"))};
    config::Settings settings = public_route_to(backend.url());
    std::shared_ptr<Parrot> parrot = std::make_shared<Parrot>();
};

TEST_F(ServeLocal, AnswersWhatLiesUnderThePrefixHoweverItIsSpelled) // R26
{
    struct Case {
        const char* target;
        std::string_view body;
    };

    const Case cases[] = {
        {"/auth/me?x=1",           "GET /auth/me x=1 "           },
        {"/auth",                  "GET /auth  "                 },
        {"/a/../auth/me",          "GET /auth/me  "              },
        {"//auth//me",             "GET /auth/me  "              },
        {"/%61uth/me",             "GET /auth/me  "              },
        {"/.well-known/jwks.json", "GET /.well-known/jwks.json  "},
        {"/authors",               "from the backend"            },
        {"/",                      "from the backend"            },
    };
    TestGateway gateway(settings, 1, parrot);
    for (const auto& c : cases) {
        SCOPED_TRACE(c.target);
        const auto answer =
            gateway.ask(std::string("GET ") + c.target + " HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_EQ(answer.body, c.body);
    }
}

// To whoever asks for a verdict a 200 or 204 means yes.
TEST_F(ServeLocal, RefusesByItsOwnStatusWhateverClientsSpeak) // refusal.grpc_of_upstreams
{
    settings.auth.cors.emplace().origins = {"http://good.example"};
    settings.routes.front().auth = config::AuthMode::required;
    TestGateway gateway(settings, 1, parrot);
    constexpr std::string_view grpc = "Content-Type: application/grpc\r\n";

    struct Case {
        std::string head;
        unsigned status;
    };

    const Case cases[] = {
        {"GET /auth/verify HTTP/1.1\r\nHost: a\r\n",                         401},
        {"POST /a/../auth/verify HTTP/1.1\r\nHost: a\r\n",                   401},
        {"GET /auth/refused HTTP/1.1\r\nHost: a\r\n",                        403},
        {"GET /auth/fails HTTP/1.1\r\nHost: a\r\n",                          503},
        {"GET /auth/verify HTTP/1.1\r\nHost: a b\r\n",                       400},
        {"GET /auth/verify HTTP/1.1\r\nHost: a\r\nHost: a\r\n",              400},
        {"GET /auth/verify/%00 HTTP/1.1\r\nHost: a\r\n",                     400},
        {"GET /auth/verify HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n", 501},
        // What is refused on its way to an upstream is told as gRPC wants it.
        {"GET /orders HTTP/1.1\r\nHost: a\r\n",                              200},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.head);
        EXPECT_EQ(gateway.ask(c.head + std::string(grpc) + "\r\n").status(), c.status);
    }
}

TEST_F(ServeLocal, TakesNoPreflightForAVerdict) // serve.preflight_verdict
{
    settings.auth.cors.emplace().origins = {"http://good.example"};
    TestGateway gateway(settings, 1, parrot);
    const auto preflight = [&](std::string_view target) {
        return gateway
            .ask("OPTIONS " + std::string(target) +
                 " HTTP/1.1\r\nHost: a\r\nOrigin: http://good.example\r\n"
                 "Access-Control-Request-Method: GET\r\n\r\n")
            .status();
    };
    EXPECT_EQ(preflight("/auth/me"), 204U);
    EXPECT_EQ(preflight("/auth/verify"), 401U);
    EXPECT_EQ(preflight("/auth/./verify"), 401U);
    EXPECT_NE(preflight("/auth/verify/orders"), 204U) << "asked so by a peer that is not trusted";
}

TEST_F(ServeLocal, GathersTheWholeBodyAndKeepsTheConnection)
{
    TestGateway gateway(settings, 1, parrot);
    const std::string_view requests[] = {
        "POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        "POST /auth/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
    };
    for (const auto request : requests) {
        auto client = gateway.connect();
        for (const char c : request) client.send({&c, 1});
        const auto answer = read_response(client);
        EXPECT_EQ(answer.status(), 201U);
        EXPECT_EQ(answer.body, "POST /auth/login  hello");
        EXPECT_EQ(answer.field("Set-Cookie"), "a=b");
        client.send(std::string(request) + std::string(request)); // pipelined
        EXPECT_EQ(read_response(client).body, "POST /auth/login  hello");
        EXPECT_EQ(read_response(client).body, "POST /auth/login  hello");
    }
}

TEST_F(ServeLocal, TakesOnlySmallBodies)
{
    settings.auth.max_body_bytes = 10;
    TestGateway gateway(settings, 1, parrot);

    struct Case {
        std::string_view request;
        unsigned status;
    };

    const Case cases[] = {
        {"POST /auth/x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n1234567890",     201},
        {"POST /auth/x HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n",               413},
        {"POST /auth/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n12345678901"
         "\r\n0\r\n\r\n",                                                       413},
        {"POST /auth/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.request);
        const auto answer = gateway.ask(c.request);
        EXPECT_EQ(answer.status(), c.status);
        EXPECT_EQ(answer.field("Connection"), c.status == 201 ? "" : "close");
    }
}

TEST_F(ServeLocal, InvitesABodyThatWaitsForIt)
{
    TestGateway gateway(settings, 1, parrot);
    auto client = gateway.connect();
    client.send("POST /auth/x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
                "Expect: 100-continue\r\n\r\n");
    EXPECT_EQ(read_response(client).status(), 100U);
    client.send("hi");
    EXPECT_EQ(read_response(client).body, "POST /auth/x  hi");
}

TEST_F(ServeLocal, GivesRefusalsTheirShapeAndTheirFields)
{
    TestGateway gateway(settings, 1, parrot);
    const auto refused = gateway.ask("GET /auth/refused HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(refused.status(), 403U);
    EXPECT_EQ(refused.field("Set-Cookie"), "a=b");
    EXPECT_NE(refused.body.find("refresh_token_reused"), std::string::npos);

    const auto failed = gateway.ask("GET /auth/fails HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(failed.status(), 503U);
    EXPECT_EQ(failed.body.find("no memory"), std::string::npos); // R58
}

TEST_F(ServeLocal, AnswersHeadWithoutTheBody)
{
    TestGateway gateway(settings, 1, parrot);
    auto client = gateway.connect();
    client.send("HEAD /auth/me HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(read_response(client, true).field("Content-Length"), "15");
    EXPECT_EQ(read_response(client).body, "from the backend");
}

} // namespace
} // namespace gatehouse::gateway::test
