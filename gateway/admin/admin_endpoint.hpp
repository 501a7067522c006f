#pragma once

#include "gateway/observe/metrics.hpp"
#include "gateway/pipeline/local_endpoint.hpp"

#include <boost/asio/thread_pool.hpp>

#include <functional>

namespace gatehouse::gateway {

/// The admin address: GET or HEAD of /healthz (the process lives), /readyz (new connections are
/// welcome: 503 while starting or draining; still 200, but `degraded`, when the store is down, for
/// verified traffic flows) and /metrics. Answers any peer, knows no secret.
class AdminEndpoint final : public LocalEndpoint {
public:
    /// `look` is called for each answer, from any thread. Metrics are written on the pool, where
    /// there is one: thousands of series are nothing a worker's requests should wait for.
    explicit AdminEndpoint(std::function<MetricsView()> look,
                           boost::asio::thread_pool* writing = nullptr)
        : look_(std::move(look)),
          writing_(writing)
    {
    }

    Task<LocalResponse> answer(const LocalRequest& request) override;

    /// The answer as a plain function. `accept`: what the field says, lines joined by commas.
    [[nodiscard]] LocalResponse respond(std::string_view method, std::string_view path,
                                        std::string_view accept = {}) const;

private:
    std::function<MetricsView()> look_;
    boost::asio::thread_pool* writing_;
};

} // namespace gatehouse::gateway
