#include "gateway/upstream/upstream_table.hpp"

#include <utility>

namespace gatehouse::gateway {

std::vector<GroupMember> UpstreamTable::members_for(const UpstreamTarget& target)
{
    std::vector<GroupMember> members;
    members.reserve(target.endpoints.size());
    for (std::size_t i = 0; i < target.endpoints.size(); ++i) {
        const auto weight = target.weight_of(i);
        for (const auto& endpoint : expanded(target.endpoints[i], *names_)) {
            GroupMember member{&pool_for(target, endpoint, weight), weight};
            if (target.spreading.sticky_cookie) {
                member.mark = sticky_mark(target.name, endpoint.authority);
            }
            members.push_back(std::move(member));
        }
    }
    return members;
}

std::vector<UpstreamGroup> UpstreamTable::groups_for(const std::vector<UpstreamTarget>& targets)
{
    std::vector<UpstreamGroup> groups;
    groups.reserve(targets.size());
    for (const auto& target : targets) {
        auto members = members_for(target);
        auto budget = target.settings.budget && !members.empty()
                          ? members.front().pool->state().upstream().budget()
                          : nullptr;
        groups.emplace_back(std::move(members), target.spreading, start_);
        groups.back().budget = std::move(budget);
    }
    return groups;
}

void UpstreamTable::follow_names(const std::vector<UpstreamTarget>& targets,
                                 std::vector<UpstreamGroup>& groups)
{
    for (std::size_t i = 0; i < targets.size(); ++i) {
        if (targets[i].has_names()) groups[i].replace(members_for(targets[i]));
    }
}

EndpointPool& UpstreamTable::pool_for(const UpstreamTarget& upstream, const EndpointTarget& target,
                                      std::uint32_t weight)
{
    std::vector<SocketAddress> addresses;
    if (!target.address) addresses = known_addresses(target, *names_);
    auto state = board_.hold(upstream.name, target, upstream.settings, weight, addresses);
    auto& pool = pools_[{upstream.name, target.pool_key()}];
    if (!pool) {
        const auto& label = state->label();
        auto counted = book_.hold(label.upstream + '\n' + label.endpoint, start_);
        pool =
            std::make_unique<EndpointPool>(std::move(state), counters_, std::move(counted), loop_);
    }
    pool->use(upstream.settings);
    if (!target.address) pool->lead_to(std::move(addresses));
    return *pool;
}

void UpstreamTable::empty_all_but(const std::vector<UpstreamGroup>& newest)
{
    std::set<const EndpointPool*> used;
    for (const auto& group : newest) group.add_to(used);
    for (const auto& [key, pool] : pools_) {
        if (!used.contains(pool.get())) pool->state().use(0);
    }
}

bool UpstreamTable::forget_all_but(const std::set<const EndpointPool*>& used)
{
    bool all = true;
    std::erase_if(pools_, [&](const auto& known) {
        auto& pool = *known.second;
        if (used.contains(&pool)) return false;
        pool.close_all();
        const bool is_quiet = pool.facts.in_flight == 0;
        all = all && is_quiet;
        return is_quiet;
    });
    return all;
}

EndpointBook UpstreamTable::facts() const
{
    EndpointBook book;
    for (const auto& [key, pool] : pools_) {
        auto facts = pool->facts;
        facts.idle_connections = pool->idle();
        // Two may differ in their TLS terms alone.
        book[{key.first, pool->target().authority}].add(facts);
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
