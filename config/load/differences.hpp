#pragma once

#include "config/settings/settings.hpp"

#include <string>
#include <vector>

namespace gatehouse::config {

/// What differs between two settings, by the paths of the keys (`routes[2].timeout`; of a list
/// whose length changed, of an upstream that came or went: its own). Values are not told: some are
/// secret.
struct Differences {
    std::vector<std::string> take_effect;
    std::vector<std::string> need_a_restart; // secrets by their variable or file key

    [[nodiscard]] bool any() const noexcept
    {
        return !take_effect.empty() || !need_a_restart.empty();
    }
};

/// Compares `wanted` with what runs, and has it keep what only a start can change: afterwards it is
/// what a reload may use.
[[nodiscard]] Differences settle_differences(const Settings& running, Settings& wanted);

} // namespace gatehouse::config
