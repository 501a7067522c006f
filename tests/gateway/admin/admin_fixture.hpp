#pragma once

#include "auth/json/reader.hpp"
#include "gateway/admin/admin_api.hpp"
#include "tests/gateway/api/api_fixture.hpp"

namespace gatehouse::gateway::test {

inline constexpr auto admin_token = "an-admin-token-0123456789abcdef0123456789";

/// The admin API over a house in memory: pools and an event loop, but no socket.
class AdminTest : public ::testing::Test {
protected:
    explicit AdminTest(config::Settings settings = with_token(auth::quick_settings()))
        : house(std::move(settings)),
          runtime(std::make_shared<const Runtime>(house.settings, nullptr)),
          api({house.store, house.hasher, house.revocations, house.api_keys, *house.keys,
               house.clock, house.log, pool},
              process(), house.settings, *auth::AdminCredential::open(house.settings.admin_api))
    {
    }

    ~AdminTest() override { pool.join(); }

    [[nodiscard]] static config::Settings with_token(config::Settings settings)
    {
        settings.admin_api.token = Secret(admin_token);
        config::RouteSettings route;
        route.match = "/orders/**";
        route.to = "http://127.0.0.1:9";
        settings.routes = {route};
        return settings;
    }

    /// A call as an operator's tool makes it, with the credential.
    [[nodiscard]] static Ask call(std::string method, std::string path, std::string body = "")
    {
        Ask ask{std::move(method), std::move(path), std::move(body), {}};
        if (!ask.body.empty()) ask.fields.emplace_back("Content-Type", "application/json");
        return ask.with("Authorization", std::string("Bearer ") + admin_token);
    }

    [[nodiscard]] LocalResponse ask(const Ask& asked, std::string_view query = {},
                                    std::string_view host = "127.0.0.1:9901",
                                    std::string_view peer = "127.0.0.1")
    {
        std::vector<Field> fields;
        for (const auto& [name, value] : asked.fields) fields.push_back({name, value});
        LocalRequest request;
        request.method = asked.method;
        request.path = asked.path;
        request.query = query;
        request.body = asked.body;
        request.fields = fields;
        request.peer_address = request.client_address = peer;
        request.host = host;
        request.unix_user = unix_user;
        if (unix_user) request.unix_socket = 7;
        request.request_id = "request-7";
        request.deciding = &deciding;
        LocalResponse response;
        boost::asio::io_context io;
        auto answering = [&]() -> Task<void> {
            auto pending = api.answer(request);
            response = co_await std::move(pending);
        };
        boost::asio::co_spawn(io.get_executor(), answering, [](const std::exception_ptr& error) {
            EXPECT_FALSE(error) << "an exception crossed the admin API";
        });
        io.run();
        return response;
    }

    /// "200", or status and code of the refusal: "401 token_missing".
    [[nodiscard]] static std::string outcome(const LocalResponse& response)
    {
        if (!response.refusal) return std::to_string(response.status);
        return std::to_string(status_of(*response.refusal)) + ' ' +
               std::string(to_string(response.refusal->code));
    }

    [[nodiscard]] auth::json::Value json(const LocalResponse& response)
    {
        EXPECT_EQ(outcome(response), "200");
        auto value = auth::json::read(response.body);
        EXPECT_TRUE(value) << response.body;
        return value ? *std::move(value) : auth::json::Value{};
    }

    auth::House house;
    std::shared_ptr<const Runtime> runtime;
    DecisionRooms deciding{
        runtime->router, house.authenticator, false, house.settings.auth, nullptr, false, nullptr};
    boost::asio::thread_pool pool{2};
    std::optional<uid_t> unix_user; // who asks, where it is over a unix socket
    int passed_over = -1;           // the socket over which sockets were passed
    int quits = 0;
    config::LogLevel level = config::LogLevel::info;
    std::vector<CachePurge> purges;
    int keys_handed_out = 0;
    AdminApi api;

private:
    [[nodiscard]] AdminApi::Process process()
    {
        AdminApi::Process process;
        process.view = [] { return MetricsView{}; };
        process.runtime = [this] { return runtime; };
        process.endpoints = [] {
            EndpointFacts facts;
            facts.requests = 5;
            facts.in_flight = 2;
            facts.failed(RefusalCode::upstream_reset,
                         auth::Millis(std::chrono::seconds(1'800'000'000)));
            return EndpointBook{
                {{"http://127.0.0.1:9", "127.0.0.1:9"}, facts}
            };
        };
        process.hand_out_keys = [this] { ++keys_handed_out; };
        process.quit = [this] { ++quits; };
        process.hand_over = [this](int socket) {
            passed_over = socket;
            return Result<std::size_t, std::string>(std::size_t{3});
        };
        process.log_level = [this] { return level; };
        process.set_log_level = [this](config::LogLevel chosen) { level = chosen; };
        process.purge = [this](const CachePurge& what) {
            purges.push_back(what);
            return std::size_t{7};
        };
        process.reload = [] { return ReloadReport{}; };
        process.last_reload = process.reload;
        process.ports = {8080};
        process.started_at = house.clock.now();
        return process;
    }
};

} // namespace gatehouse::gateway::test
