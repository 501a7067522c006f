#pragma once

#include "config/settings/terms.hpp"

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

    template <class Table>
    static void describe(Table& table)
    {
        using Self = UpstreamSettings;
        table.required("endpoints", &Self::endpoints, forms::endpoint,
                       "Where the service listens; one or more.");
        table.key("balance", &Self::balance, AsTyped{}, "How requests are spread over them.");
    }
};

} // namespace gatehouse::config
