#include "gateway/upstream/balancer.hpp"

#include <algorithm>
#include <cmath>

namespace gatehouse::gateway {
namespace {

[[nodiscard]] bool may_be_chosen(const Candidate& candidate) noexcept
{
    return candidate.usable && candidate.weight != 0;
}

/// The finaliser of SplitMix64: each bit of the input changes half of those of the output.
[[nodiscard]] constexpr std::uint64_t mixed(std::uint64_t bits) noexcept
{
    bits += 0x9e3779b97f4a7c15;
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
    return bits ^ (bits >> 31);
}

/// Less busy for its weight. What is about to be sent counts: of two idle ones the heavier wins.
[[nodiscard]] bool is_less_busy(const Candidate& one, const Candidate& other) noexcept
{
    return (one.in_flight + 1) * other.weight < (other.in_flight + 1) * one.weight;
}

/// The first that may be chosen, from a place on and around.
[[nodiscard]] std::optional<std::size_t> first_from(std::span<const Candidate> candidates,
                                                    std::size_t place) noexcept
{
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const auto at = (place + i) % candidates.size();
        if (may_be_chosen(candidates[at])) return at;
    }
    return std::nullopt;
}

[[nodiscard]] std::optional<std::size_t> better_of_two(std::span<const Candidate> candidates,
                                                       std::uint64_t random) noexcept
{
    random = mixed(random);
    const auto size = candidates.size();
    const auto one = first_from(candidates, (random & 0xffffffff) % size);
    if (!one) return std::nullopt;
    const auto other = *first_from(candidates, (*one + 1 + (random >> 32) % (size - 1)) % size);
    return is_less_busy(candidates[other], candidates[*one]) ? other : *one;
}

/// Grows with the share that a candidate of this weight is to have of all keys: -weight / ln(u).
[[nodiscard]] double score_of(const Candidate& candidate, std::uint64_t key) noexcept
{
    constexpr double steps = 9007199254740992.0; // 2^53: what a double tells apart
    const auto bits = mixed(candidate.name ^ mixed(key)) >> 11;
    const auto unit = (static_cast<double>(bits) + 0.5) / steps;
    return -static_cast<double>(candidate.weight) / std::log(unit);
}

} // namespace

std::optional<std::size_t> next_in_turn(std::span<Candidate> candidates) noexcept
{
    std::int64_t total = 0;
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        auto& candidate = candidates[i];
        if (!may_be_chosen(candidate)) continue;
        candidate.credit += candidate.weight;
        total += candidate.weight;
        if (!best || candidate.credit > candidates[*best].credit) best = i;
    }
    if (best) candidates[*best].credit -= total;
    return best;
}

std::optional<std::size_t> least_busy(std::span<Candidate> candidates,
                                      std::uint64_t random) noexcept
{
    if (candidates.size() >= many_candidates) return better_of_two(candidates, random);
    auto best = first_from(candidates, 0);
    if (!best) return std::nullopt;
    for (auto i = *best + 1; i < candidates.size(); ++i) {
        if (may_be_chosen(candidates[i]) && is_less_busy(candidates[i], candidates[*best]))
            best = i;
    }
    const auto least = candidates[*best];
    for (auto& candidate : candidates) {
        if (is_less_busy(least, candidate)) candidate.usable = false;
    }
    return next_in_turn(candidates);
}

std::optional<std::size_t> owner_of(std::span<const Candidate> candidates,
                                    std::uint64_t key) noexcept
{
    std::optional<std::size_t> owner;
    double highest = 0;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (!may_be_chosen(candidates[i])) continue;
        const auto score = score_of(candidates[i], key);
        if (owner && score <= highest) continue;
        owner = i;
        highest = score;
    }
    return owner;
}

std::uint64_t hash_of(std::string_view text) noexcept
{
    std::uint64_t hash = 0xcbf29ce484222325; // FNV-1a
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return mixed(hash);
}

std::uint32_t grown_weight(std::uint32_t weight, std::chrono::milliseconds age,
                           std::chrono::milliseconds slow_start) noexcept
{
    if (weight == 0 || age >= slow_start) return weight * weight_parts;
    const auto whole = static_cast<std::uint64_t>(weight) * weight_parts;
    const auto grown = whole * static_cast<std::uint64_t>(std::max<std::int64_t>(age.count(), 0)) /
                       static_cast<std::uint64_t>(slow_start.count());
    return static_cast<std::uint32_t>(std::max<std::uint64_t>(grown, 1));
}

} // namespace gatehouse::gateway
