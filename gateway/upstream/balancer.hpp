#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace gatehouse::gateway {

/// An endpoint as the choice among several sees it.
struct Candidate {
    std::uint32_t weight = 1; // its share, against the others'
    bool usable = true;       // it may be asked, and was not asked for this request before
    std::int64_t credit = 0;  // what its turns have saved up: next_in_turn() keeps it
};

/// Smooth weighted round robin: with weights 3 and 1 the turns go a, a, b, a. Those that cannot be
/// used, or weigh nothing, are passed over and save nothing meanwhile. Nothing: none is left.
[[nodiscard]] std::optional<std::size_t> next_in_turn(std::span<Candidate> candidates) noexcept;

} // namespace gatehouse::gateway
