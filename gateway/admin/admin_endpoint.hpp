#pragma once

#include "gateway/observe/metrics.hpp"
#include "gateway/pipeline/local_endpoint.hpp"

#include <functional>
#include <vector>

namespace gatehouse::gateway {

/// How the gateway is doing at this moment, as its owner knows.
struct AdminView {
    ProcessFacts process;
    std::vector<const Counters*> workers;
};

/// The admin address: GET or HEAD of /healthz (the process lives), /readyz (new connections are
/// welcome: 503 while starting or draining; still 200, but `degraded`, when the store is down, for
/// verified traffic flows) and /metrics. Answers any peer, knows no secret.
class AdminEndpoint final : public LocalEndpoint {
public:
    /// `look` is called for each answer, from any worker's thread.
    explicit AdminEndpoint(std::function<AdminView()> look) : look_(std::move(look)) {}

    Task<LocalResponse> answer(const LocalRequest& request) override;

    /// The answer as a plain function.
    [[nodiscard]] LocalResponse respond(std::string_view method, std::string_view path) const;

private:
    std::function<AdminView()> look_;
};

} // namespace gatehouse::gateway
