#pragma once

#include "gateway/observe/metrics.hpp"
#include "gateway/pipeline/local_endpoint.hpp"

#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <memory>
#include <utility>

namespace gatehouse::gateway {

/// The admin address: GET or HEAD of /healthz (the process lives), /readyz (new connections are
/// welcome: 503 while starting or draining; still 200, but `degraded`, when the store is down or
/// takes no writes, for verified traffic flows) and /metrics, for any peer: they know no secret.
/// Below /admin, and at /quit, the admin API answers, which wants its credential.
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

    /// Who answers for the admin API; before anybody asks. Without: there is none.
    void serve(std::shared_ptr<LocalEndpoint> api) { api_ = std::move(api); }

    Task<LocalResponse> answer(const LocalRequest& request) override;

    /// The answer of the probes and the metrics as a plain function. `accept`: what the field says,
    /// lines joined by commas.
    [[nodiscard]] LocalResponse respond(std::string_view method, std::string_view path,
                                        std::string_view accept = {}) const;

private:
    Task<LocalResponse> write_metrics(const LocalRequest& request);

    std::function<MetricsView()> look_;
    boost::asio::thread_pool* writing_;
    std::shared_ptr<LocalEndpoint> api_;
};

} // namespace gatehouse::gateway
