#pragma once

#include "gateway/upstream/endpoint_pool.hpp"
#include "gateway/upstream/upstream_group.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::gateway {

/// All endpoint pools of one worker, by upstream and EndpointTarget::pool_key(). They outlive
/// generations of settings, so a reload keeps the connections of endpoints that stay.
class UpstreamTable {
public:
    /// All outlive it. `loop`: of the worker; null: other workers cannot ask it for anything.
    UpstreamTable(EndpointBoard& board, TallyBook<EndpointCounters>& book, Counters& counters,
                  std::size_t worker, boost::asio::io_context* loop = nullptr)
        : board_(board),
          book_(book),
          counters_(counters),
          start_(worker),
          loop_(loop)
    {
    }

    /// The groups for a generation's upstreams, in the same order.
    [[nodiscard]] std::vector<UpstreamGroup> groups_for(const std::vector<UpstreamTarget>& targets);

    /// What names stand for from now on.
    void use(std::shared_ptr<const NameBook> names) { names_ = std::move(names); }

    /// Brings the groups that were made for `targets` up to what names stand for.
    void follow_names(const std::vector<UpstreamTarget>& targets,
                      std::vector<UpstreamGroup>& groups);

    /// Endpoints that none of the newest groups has, and which requests or generations before still
    /// hold, get nobody new: they are as good as emptied.
    void empty_all_but(const std::vector<UpstreamGroup>& newest);

    /// Forgets the endpoints that no generation uses any more, with their idle connections. False:
    /// some request is still at one of them, which stays until it has ended.
    bool forget_all_but(const std::set<const EndpointPool*>& used);

    [[nodiscard]] std::size_t endpoints() const noexcept { return pools_.size(); }

    /// How each endpoint has done, also those that only generations before knew.
    [[nodiscard]] EndpointBook facts() const;

    void close_older_than(std::chrono::milliseconds age) noexcept;
    void close_all() noexcept;

private:
    [[nodiscard]] std::vector<GroupMember> members_for(const UpstreamTarget& target);
    EndpointPool& pool_for(const UpstreamTarget& upstream, const EndpointTarget& target,
                           std::uint32_t weight);

    EndpointBoard& board_;
    TallyBook<EndpointCounters>& book_;
    Counters& counters_;
    std::size_t start_; // the worker's number: workers begin at different endpoints
    boost::asio::io_context* loop_;
    std::map<std::pair<std::string, std::string>, std::unique_ptr<EndpointPool>> pools_;
    std::shared_ptr<const NameBook> names_ = std::make_shared<NameBook>();
};

} // namespace gatehouse::gateway
