#pragma once

#include "gateway/observe/counters.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace gatehouse::gateway {

/// What the whole process knows and no worker counts.
struct ProcessFacts {
    bool ready = false; // keys and revocations are loaded, and no drain has begun
    bool store_up = true;
    std::uint64_t revoked_sessions = 0;  // and users with a standing of their own
    double feed_lag_seconds = 0;         // since the change feed was last heard
    std::uint64_t feed_sequence = 0;     // of the last change that was applied
    std::uint64_t log_lines_dropped = 0; // of LogWriter::say()
};

/// All workers' counters added up, in Prometheus' text format 0.0.4.
[[nodiscard]] std::string metrics_text(std::span<const Counters* const> workers,
                                       const ProcessFacts& process);

} // namespace gatehouse::gateway
