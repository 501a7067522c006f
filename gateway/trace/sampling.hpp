#pragma once

#include "gateway/headers/trace.hpp"

#include <cmath>
#include <cstdint>
#include <optional>

namespace gatehouse::gateway {

/// Whether a request is recorded: a trace that goes on as whoever began it decided, so that it is
/// whole or not there; of those that begin here, this part. `trace_low` is random.
[[nodiscard]] inline bool is_sampled(const std::optional<TraceParent>& parent,
                                     std::uint64_t trace_low, double ratio) noexcept
{
    if (parent) return parent->is_sampled();
    return ratio >= 1 || trace_low < static_cast<std::uint64_t>(std::ldexp(ratio, 64));
}

} // namespace gatehouse::gateway
