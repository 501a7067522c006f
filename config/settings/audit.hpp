#pragma once

#include "config/settings/terms.hpp"

#include <chrono>
#include <cstdint>

namespace gatehouse::config {

/// What is remembered of logins, logouts and what operators do. YAML: `audit`.
struct AuditSettings {
    bool store = true;
    bool log = true;
    std::chrono::seconds keep = 24h * 90;
    std::uint32_t refusals_per_minute = 600;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = AuditSettings;
        table.key("store", &Self::store, AsTyped{},
                  "Whether each security event leaves a record in the store, for `gatehouse "
                  "audit`.");
        table.key("log", &Self::log, AsTyped{},
                  "Whether each security event writes one line to standard output.");
        table.key("keep", &Self::keep, between(1h, 24h * 3650),
                  "How long the store keeps records; then the upkeep deletes them.");
        table.key("refusals_per_minute", &Self::refusals_per_minute, count(1, 1'000'000),
                  "Records of refusals (failed and throttled logins) that one gateway keeps per "
                  "minute; more are counted, and a record says how many.");
    }
};

} // namespace gatehouse::config
