#pragma once

#include "config/settings/terms.hpp"
#include "config/settings/upstream_fitness.hpp"

#include <array>
#include <string>
#include <vector>

namespace gatehouse::config {

enum class Balance { round_robin };

constexpr auto words(Balance)
{
    return std::array{
        Word{"round_robin", Balance::round_robin}
    };
}

/// YAML: `upstreams.<name>`.
struct UpstreamSettings {
    std::vector<std::string> endpoints; // http://host:port
    Balance balance = Balance::round_robin;
    HealthCheckSettings health{};
    EjectionSettings ejection{};
    RetrySettings retry{};
    CircuitSettings circuit{};

    template <class Table>
    static void describe(Table& table)
    {
        using Self = UpstreamSettings;
        table.required("endpoints", &Self::endpoints, forms::endpoint,
                       "Where the service listens; one or more.");
        table.key("balance", &Self::balance, AsTyped{}, "How requests are spread over them.");
        table.section("health", &Self::health, "Asks endpoints whether they are well.");
        table.section("ejection", &Self::ejection, "Leaves endpoints alone that fail.");
        table.section("retry", &Self::retry, "Sends requests again that failed.");
        table.section("circuit", &Self::circuit, "How much one endpoint gets at once.");
    }
};

} // namespace gatehouse::config
