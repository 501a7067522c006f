#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace gatehouse::gateway {

/// An endpoint as the choice among several sees it.
struct Candidate {
    std::uint32_t weight = 1;    // its share, against the others'
    bool usable = true;          // it may be asked, and was not asked for this request before
    std::int64_t credit = 0;     // what its turns have saved up: next_in_turn() keeps it
    std::uint64_t in_flight = 0; // requests that are there now
    std::uint64_t name = 0;      // hash_of() its name
};

/// Smooth weighted round robin: with weights 3 and 1 the turns go a, a, b, a. Those that cannot be
/// used, or weigh nothing, are passed over and save nothing meanwhile. Nothing: none is left.
[[nodiscard]] std::optional<std::size_t> next_in_turn(std::span<Candidate> candidates) noexcept;

/// The one with the fewest requests under way for its weight; among equals the next in turn. Of
/// many candidates the better of two that `random` names, which spares looking at all of them and
/// keeps workers that count by themselves from running to the same one.
[[nodiscard]] std::optional<std::size_t> least_busy(std::span<Candidate> candidates,
                                                    std::uint64_t random) noexcept;

/// From so many candidates on two are compared and not all.
inline constexpr std::size_t many_candidates = 9;

/// The one that this key belongs to: of the usable ones the one with the highest score of key and
/// name, weighted (rendezvous hashing). When one goes, only its keys move, and they spread over
/// all others; it depends on names and weights and neither on their order nor on the process.
[[nodiscard]] std::optional<std::size_t> owner_of(std::span<const Candidate> candidates,
                                                  std::uint64_t key) noexcept;

/// A hash of a text that is the same in every process and version. Not secret.
[[nodiscard]] std::uint64_t hash_of(std::string_view text) noexcept;

/// Grown weights are counted in parts of a whole one.
inline constexpr std::uint32_t weight_parts = 100;

/// The weight of an endpoint that has been there for `age`: it grows with it, linearly and from
/// one part on, until `slow_start` is over.
[[nodiscard]] std::uint32_t grown_weight(std::uint32_t weight, std::chrono::milliseconds age,
                                         std::chrono::milliseconds slow_start) noexcept;

} // namespace gatehouse::gateway
