#pragma once

#include "auth/basics/clock.hpp"
#include "config/settings/upstream_fitness.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace gatehouse::gateway {

/// How long a portion of a shared quota may be used after it was asked for: an eighth of its time.
[[nodiscard]] std::chrono::milliseconds portion_life(const config::BudgetSettings& settings);

/// How long the store remembers what it has of a quota.
[[nodiscard]] std::chrono::milliseconds portion_kept(const config::BudgetSettings& settings);

struct Portion {
    std::uint32_t requests = 0;
    std::chrono::nanoseconds wait{}; // when there are none: so long until there may be
};

/// Takes up to `wanted` requests of what the store has of a quota: the text it has, by its clock,
/// and afterwards the text it is to have. They count from the moment at which the last of them may
/// get to the upstream: a life of the portion to be sent in, and another to be on the way. Never
/// more than a quarter of the quota goes to one. A text that nobody can read begins afresh.
[[nodiscard]] Portion take_portion(std::string& text, const config::BudgetSettings& settings,
                                   auth::Millis now, std::uint32_t wanted);

} // namespace gatehouse::gateway
