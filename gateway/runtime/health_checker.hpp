#pragma once

#include "gateway/upstream/endpoint_state.hpp"

#include <memory>

namespace gatehouse::gateway {

/// Asks the endpoints of upstreams with `health.path` how they are, on a thread of its own: one
/// for the process, and all checks at once. An endpoint that comes with a reload is asked at once.
class HealthChecker {
public:
    /// `board` outlives it. Nothing happens before use().
    explicit HealthChecker(EndpointBoard& board);
    HealthChecker(const HealthChecker&) = delete;
    HealthChecker& operator=(const HealthChecker&) = delete;
    /// Gives up what is under way.
    ~HealthChecker();

    /// Begins once there is something to check; what comes and goes afterwards it hears by itself.
    void use(const config::Settings& settings);

private:
    class Loop;

    EndpointBoard& board_;
    std::unique_ptr<Loop> loop_;
};

} // namespace gatehouse::gateway
