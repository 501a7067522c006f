// WebSockets of somebody: where their token stands, and what its end does.
#include "tests/gateway/pipeline/websocket_fixture.hpp"

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;

class ServeWebSocketOfSomebody : public testing::Test {
protected:
    static config::Settings private_route_to(const std::string& upstream)
    {
        auto settings = public_route_to(upstream);
        settings.routes.front().auth = config::AuthMode::required;
        return settings;
    }
};

TEST_F(ServeWebSocketOfSomebody, TakesTheTokenFromTheProtocols)
{
    RawBackend backend(echo);
    TestGateway gateway(private_route_to(backend.url()));
    const auto token = gateway.token_for("ann");

    struct Case {
        const char* name;
        std::string lines;
        unsigned status;
    };

    const auto protocol = [](const std::string& list) {
        return "Sec-WebSocket-Protocol: " + list + "\r\n";
    };
    const Case cases[] = {
        {"no token",            "",                                                           401},
        {"in the protocols",    protocol("bearer, " + token),                                 101},
        {"with others behind",  protocol("bearer, " + token + ", chat"),                      101},
        {"on two lines",        protocol("bearer") + protocol(token),                         101},
        {"a bad one",           protocol("bearer, x" + token),                                401},
        {"none behind it",      protocol("bearer"),                                           401},
        {"behind another one",  protocol("chat, bearer, " + token),                           401},
        {"two of them",         protocol("bearer, " + token + ", bearer, " + token),          401},
        {"Bearer",              protocol("Bearer, " + token),                                 401},
        {"Authorization",       "Authorization: Bearer " + token + "\r\n",                    101},
        {"a bad Authorization", "Authorization: Bearer x\r\n" + protocol("bearer, " + token), 401},
        {"another scheme",      "Authorization: Basic x\r\n" + protocol("bearer, " + token),  401},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        auto client = gateway.connect();
        client.send(handshake_with(c.lines));
        EXPECT_EQ(client.take_through("\r\n\r\n").substr(9, 3), std::to_string(c.status));
    }
    const auto get = "GET / HTTP/1.1\r\nHost: a\r\n" + protocol("bearer, " + token) + "\r\n";
    EXPECT_EQ(gateway.ask(get).status(), 401U) << "no handshake";
}

TEST_F(ServeWebSocketOfSomebody, EndsWithTheToken)
{
    RawBackend backend(echo);
    TestGateway gateway(private_route_to(backend.url()));
    auto client = gateway.connect();
    client.send(handshake_with("Authorization: Bearer " + gateway.token_for("ann", 4s) + "\r\n"));
    (void)client.take_through("\r\n\r\n");
    EXPECT_EQ(client.take_all(),
              close_frame(CloseCode::policy_violation, "token expired", std::nullopt));
}

} // namespace
} // namespace gatehouse::gateway::test
