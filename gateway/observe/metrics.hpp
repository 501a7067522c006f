#pragma once

#include "gateway/observe/counters.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// How far the process has heard one of its change feeds.
struct FeedFacts {
    std::string_view name{};
    double lag_seconds = 0;     // since it last knew all there was to know
    std::uint64_t sequence = 0; // of the last change that was applied
};

/// How the configuration got to where it is.
struct ConfigFacts {
    std::uint64_t generation = 1;       // of the settings in force
    std::uint64_t live_generations = 1; // that some request still uses, and the one in force
    std::uint64_t reloads_ok = 0;
    std::uint64_t reloads_failed = 0;
    bool last_reload_ok = true;
};

/// What the whole process knows and no worker counts.
struct ProcessFacts {
    bool ready = false; // keys and revocations are loaded, and no drain has begun
    bool store_up = true;
    std::uint64_t revoked_sessions = 0; // and users with a standing of their own
    std::vector<FeedFacts> feeds{};
    std::uint64_t log_lines_dropped = 0; // of LogWriter::say()
    std::uint64_t audit_dropped = 0;     // events that left no record
    ConfigFacts config{};
};

/// All workers' counters added up, in Prometheus' text format 0.0.4.
[[nodiscard]] std::string metrics_text(std::span<const Counters* const> workers,
                                       const ProcessFacts& process);

} // namespace gatehouse::gateway
