#include "gateway/upstream/upstream_table.hpp"

#include <utility>

namespace gatehouse::gateway {

UpstreamGroup::UpstreamGroup(std::vector<EndpointPool*> endpoints, std::size_t start)
    : endpoints_(std::move(endpoints)),
      candidates_(endpoints_.size())
{
    if (endpoints_.empty()) return;
    for (auto turns = start % endpoints_.size(); turns != 0; --turns) {
        (void)next_in_turn(candidates_);
    }
}

EndpointPool* UpstreamGroup::choose_among(const EndpointWish& wish) noexcept
{
    if (wish.tried.is_full()) return nullptr;
    for (std::size_t i = 0; i < endpoints_.size(); ++i) {
        const auto& pool = *endpoints_[i];
        candidates_[i].usable = pool.is_available() && !wish.tried.contains(pool);
    }
    const auto chosen = next_in_turn(candidates_);
    return chosen ? endpoints_[*chosen] : nullptr;
}

std::vector<UpstreamGroup> UpstreamTable::groups_for(const std::vector<UpstreamTarget>& targets)
{
    std::vector<UpstreamGroup> groups;
    groups.reserve(targets.size());
    for (const auto& target : targets) {
        std::vector<EndpointPool*> endpoints;
        endpoints.reserve(target.endpoints.size());
        for (const auto& endpoint : target.endpoints)
            endpoints.push_back(&pool_for(target, endpoint));
        groups.emplace_back(std::move(endpoints), start_);
    }
    return groups;
}

EndpointPool& UpstreamTable::pool_for(const UpstreamTarget& upstream, const EndpointTarget& target)
{
    auto state = board_.hold(upstream.name, target, upstream.settings);
    auto& pool = pools_[{upstream.name, target.authority}];
    if (!pool) pool = std::make_unique<EndpointPool>(std::move(state), counters_);
    pool->use(upstream.settings);
    return *pool;
}

void UpstreamTable::forget_all_but(const std::set<const EndpointPool*>& used)
{
    std::erase_if(pools_, [&](const auto& pool) { return !used.contains(pool.second.get()); });
}

EndpointBook UpstreamTable::facts() const
{
    EndpointBook book;
    for (const auto& [key, pool] : pools_) {
        auto& facts = book[key] = pool->facts;
        facts.idle_connections = pool->idle();
    }
    return book;
}

void UpstreamTable::close_older_than(std::chrono::milliseconds age) noexcept
{
    for (auto& [key, pool] : pools_) pool->close_older_than(age);
}

void UpstreamTable::close_all() noexcept
{
    for (auto& [key, pool] : pools_) pool->close_all();
}

} // namespace gatehouse::gateway
