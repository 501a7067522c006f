#pragma once

#include "auth/basics/clock.hpp"
#include "auth/revocation/revocation_table.hpp"
#include "auth/tokens/key_ring.hpp"
#include "gateway/observe/log_writer.hpp"
#include "gateway/runtime/worker.hpp"
#include "tests/gateway/support/raw_socket.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway::test {

/// Settings with one public route to `upstream` and no surprises: no drain delay, no log.
[[nodiscard]] config::Settings public_route_to(const std::string& upstream);

/// Real workers on a port of the kernel's, around a key made for the test.
class TestGateway {
public:
    explicit TestGateway(config::Settings settings, std::size_t workers = 1,
                         std::shared_ptr<LocalEndpoint> auth_api = nullptr,
                         std::shared_ptr<SessionRenewer> renewer = nullptr);
    ~TestGateway();

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

    [[nodiscard]] RawSocket connect() const { return RawSocket(port_); }

    /// One request on a connection of its own.
    [[nodiscard]] Message ask(std::string_view request) const;

    [[nodiscard]] Worker& worker(std::size_t index = 0) { return *workers_[index]; }

    [[nodiscard]] const std::vector<std::unique_ptr<Worker>>& workers() const noexcept
    {
        return workers_;
    }

    [[nodiscard]] std::uint64_t sum(Counter Counters::* counter) const;
    /// The same once it is `expected`, or after a while: a request is counted behind its answer.
    [[nodiscard]] std::uint64_t sum_at(Counter Counters::* counter, std::uint64_t expected) const;
    /// Of all routes.
    [[nodiscard]] std::uint64_t sum(Counter RouteCounters::* counter);

    /// A good access token for `user`.
    [[nodiscard]] std::string token_for(std::string_view user,
                                        std::chrono::seconds life = std::chrono::hours{1}) const;

    auth::RevocationTable revocations;

    SharedRooms& shared() { return shared_; }

private:
    auth::SystemClock clock_;
    LogWriter log_;
    SharedRooms shared_;
    std::shared_ptr<const Runtime> runtime_;
    std::shared_ptr<const auth::KeyRing> ring_;
    std::uint16_t port_ = 0;
    std::vector<std::unique_ptr<Worker>> workers_;
};

} // namespace gatehouse::gateway::test
