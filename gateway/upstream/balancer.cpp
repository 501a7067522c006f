#include "gateway/upstream/balancer.hpp"

namespace gatehouse::gateway {

std::optional<std::size_t> next_in_turn(std::span<Candidate> candidates) noexcept
{
    std::int64_t total = 0;
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        auto& candidate = candidates[i];
        if (!candidate.usable || candidate.weight == 0) continue;
        candidate.credit += candidate.weight;
        total += candidate.weight;
        if (!best || candidate.credit > candidates[*best].credit) best = i;
    }
    if (best) candidates[*best].credit -= total;
    return best;
}

} // namespace gatehouse::gateway
