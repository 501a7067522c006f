#include "tests/gateway/support/test_gateway.hpp"

#include "auth/tokens/token_issuer.hpp"
#include "gateway/net/listen.hpp"
#include "tests/auth/tokens/forge.hpp"

#include <fcntl.h>

#include <chrono>
#include <thread>

namespace gatehouse::gateway::test {

config::Settings public_route_to(const std::string& upstream)
{
    config::Settings settings;
    config::RouteSettings route;
    route.match = "/**";
    route.auth = config::AuthMode::none;
    route.to = upstream;
    settings.routes.push_back(route);
    settings.drain.delay = std::chrono::milliseconds{0};
    settings.log.access = false;
    return settings;
}

TestGateway::TestGateway(config::Settings settings, std::size_t workers,
                         std::shared_ptr<LocalEndpoint> auth_api,
                         std::shared_ptr<SessionRenewer> renewer)
    : log_(::open("/dev/null", O_WRONLY | O_CLOEXEC), workers),
      shared_(clock_, revocations, log_),
      runtime_(std::make_shared<const Runtime>(std::move(settings), std::move(auth_api),
                                               std::move(renewer))),
      ring_(auth::testing::make_ring(auth::jose::Algorithm::es256))
{
    auto listener = open_listener("127.0.0.1:0", workers);
    port_ = listener->port;
    for (std::size_t i = 0; i < workers; ++i) {
        WorkerSetup setup;
        setup.index = i;
        setup.runtime = runtime_;
        setup.keys = ring_;
        setup.shared = &shared_;
        setup.listeners.push_back(
            {std::move(listener->sockets[i]), nullptr, runtime_->settings.listen.front().address});
        workers_.push_back(std::make_unique<Worker>(std::move(setup)));
    }
    for (auto& worker : workers_) worker->start();
}

TestGateway::~TestGateway() = default;

Message TestGateway::ask(std::string_view request) const
{
    auto client = connect();
    client.send(request);
    return read_response(client, request.starts_with("HEAD "));
}

std::uint64_t TestGateway::sum(Counter Counters::* counter) const
{
    std::uint64_t sum = 0;
    for (const auto& worker : workers_) sum += (worker->counters().*counter).value();
    return sum;
}

std::uint64_t TestGateway::sum_at(Counter Counters::* counter, std::uint64_t expected) const
{
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (sum(counter) != expected && std::chrono::steady_clock::now() < until)
        std::this_thread::yield();
    return sum(counter);
}

std::uint64_t TestGateway::sum(Counter RouteCounters::* counter)
{
    std::uint64_t sum = 0;
    for (const auto& route : shared_.traffic.routes.show()) {
        for (const auto* worker : route.workers) sum += (worker->*counter).value();
    }
    return sum;
}

std::string TestGateway::token_for(std::string_view user, std::chrono::seconds life) const
{
    auto claims = auth::testing::access_claims(std::string(user));
    claims.expires_at = clock_.seconds() + life;
    claims.issued_at = claims.expires_at - std::chrono::hours{1};
    return auth::TokenIssuer(runtime_->settings.tokens).access(*ring_, claims);
}

} // namespace gatehouse::gateway::test
