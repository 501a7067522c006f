#pragma once

#include "gateway/observe/counters.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace gatehouse::gateway {

/// What the whole process knows and no worker counts.
struct ProcessFacts {
    bool ready = false;
    bool store_up = true;
    bool draining = false;
    std::uint64_t revoked_sessions = 0;
    double feed_lag_seconds = 0;
    std::uint64_t security_log_dropped = 0;
};

/// All workers' counters added up, in Prometheus' text format 0.0.4.
[[nodiscard]] std::string metrics_text(std::span<const Counters* const> workers,
                                       const ProcessFacts& process);

} // namespace gatehouse::gateway
