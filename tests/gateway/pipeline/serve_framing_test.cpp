#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway::test {
namespace {

TEST(ServeFraming, BringsOneRequestThereAndItsAnswerBack)
{
    RawBackend backend(answering(ok("hello")));
    TestGateway gateway(public_route_to(backend.url()));
    const auto answer = gateway.ask("GET /a?b=c HTTP/1.1\r\nHost: example.com\r\n\r\n");
    EXPECT_EQ(answer.status(), 200U);
    EXPECT_EQ(answer.body, "hello");
}

} // namespace
} // namespace gatehouse::gateway::test
