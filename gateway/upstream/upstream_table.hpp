#pragma once

#include "gateway/upstream/balancer.hpp"
#include "gateway/upstream/endpoint_pool.hpp"
#include "gateway/upstream/tried_endpoints.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gatehouse::gateway {

/// What a request asks for an endpoint with.
struct EndpointWish {
    std::optional<std::uint64_t> key{}; // a hash of what requests are told apart by
    TriedEndpoints tried;               // and not to be tried again
};

/// One upstream as one worker sees it: its endpoints, and whose turn it is.
class UpstreamGroup {
public:
    UpstreamGroup(std::vector<EndpointPool*> endpoints, std::size_t start);

    [[nodiscard]] std::size_t size() const noexcept { return endpoints_.size(); }

    /// Adds its endpoints.
    void add_to(std::set<const EndpointPool*>& used) const
    {
        used.insert(endpoints_.begin(), endpoints_.end());
    }

    /// Where the request goes; null: there is none (left) that may be asked.
    [[nodiscard]] EndpointPool* choose(const EndpointWish& wish) noexcept
    {
        if (endpoints_.size() != 1) return choose_among(wish);
        auto& only = *endpoints_.front();
        return wish.tried.size() == 0 && only.is_available() ? &only : nullptr;
    }

private:
    [[nodiscard]] EndpointPool* choose_among(const EndpointWish& wish) noexcept;

    std::vector<EndpointPool*> endpoints_;
    std::vector<Candidate> candidates_; // in the same order
};

/// All endpoint pools of one worker, by upstream and authority. They outlive generations of
/// settings, so a reload keeps the connections of endpoints that stay.
class UpstreamTable {
public:
    /// `board` outlives it.
    UpstreamTable(EndpointBoard& board, Counters& counters, std::size_t worker)
        : board_(board),
          counters_(counters),
          start_(worker)
    {
    }

    /// The groups for a generation's upstreams, in the same order.
    [[nodiscard]] std::vector<UpstreamGroup> groups_for(const std::vector<UpstreamTarget>& targets);

    /// Forgets the endpoints that no generation uses any more, with their idle connections.
    void forget_all_but(const std::set<const EndpointPool*>& used);

    [[nodiscard]] std::size_t endpoints() const noexcept { return pools_.size(); }

    /// How each endpoint has done, also those that only generations before knew.
    [[nodiscard]] EndpointBook facts() const;

    void close_older_than(std::chrono::milliseconds age) noexcept;
    void close_all() noexcept;

private:
    EndpointPool& pool_for(const UpstreamTarget& upstream, const EndpointTarget& target);

    EndpointBoard& board_;
    Counters& counters_;
    std::size_t start_; // workers begin at different endpoints
    std::map<EndpointKey, std::unique_ptr<EndpointPool>> pools_;
};

} // namespace gatehouse::gateway
