#pragma once

#include "gateway/budget/upstream_budget.hpp"
#include "gateway/upstream/balancer.hpp"
#include "gateway/upstream/endpoint_pool.hpp"
#include "gateway/upstream/target.hpp"
#include "gateway/upstream/tried_endpoints.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// What a request asks for an endpoint with.
struct EndpointWish {
    std::optional<std::uint64_t> key{}; // a hash of what requests are told apart by
    std::string_view cookie{};          // the value of the sticky cookie
    TriedEndpoints tried;               // and not to be tried again
};

/// One of a group's endpoints.
struct GroupMember {
    EndpointPool* pool = nullptr;
    std::uint32_t weight = 1;
    std::string mark{};   // the value of the sticky cookie that stands for it
    bool was_out = false; // when it was looked at last
};

/// What stands for an endpoint in a sticky cookie. It does not spell out its address, and is the
/// same in every process.
[[nodiscard]] std::string sticky_mark(std::string_view upstream, std::string_view endpoint);

/// One upstream as one worker sees it: its endpoints, and which of them gets the next request.
class UpstreamGroup {
public:
    /// Workers `start` at different endpoints.
    UpstreamGroup(std::vector<GroupMember> members, Spreading spreading, std::size_t start);

    [[nodiscard]] std::size_t size() const noexcept { return members_.size(); }

    /// Of requests to this upstream.
    RetryBudget retries;

    /// What it may still be asked; null: as much as one likes.
    std::shared_ptr<UpstreamBudget> budget;

    [[nodiscard]] const Spreading& spreading() const noexcept { return spreading_; }

    /// Whether a wish needs a key.
    [[nodiscard]] bool wants_key() const noexcept
    {
        return spreading_.balance == config::Balance::hash && members_.size() > 1;
    }

    [[nodiscard]] bool is_sticky() const noexcept { return spreading_.sticky_cookie.has_value(); }

    /// What the sticky cookie says of this endpoint; "" for one that is none of the group's.
    [[nodiscard]] std::string_view mark_of(const EndpointPool& pool) const noexcept;

    /// Its endpoints are these now: names lead elsewhere.
    void replace(std::vector<GroupMember> members);

    /// Adds its endpoints.
    void add_to(std::set<const EndpointPool*>& used) const;

    /// Where the request goes; null: there is none (left) that may be asked.
    [[nodiscard]] EndpointPool* choose(const EndpointWish& wish) noexcept
    {
        if (members_.size() != 1) return choose_among(wish);
        auto& only = *members_.front().pool;
        return wish.tried.size() == 0 && only.is_available() ? &only : nullptr;
    }

private:
    [[nodiscard]] EndpointPool* choose_among(const EndpointWish& wish) noexcept;
    [[nodiscard]] EndpointPool* named_by(std::string_view cookie) noexcept;
    [[nodiscard]] std::optional<std::size_t> pick(const EndpointWish& wish) noexcept;
    void look_at_endpoints(const EndpointWish& wish) noexcept;

    Spreading spreading_;
    std::vector<GroupMember> members_;
    std::vector<Candidate> candidates_; // in the same order
    std::uint64_t choices_ = 0;
};

} // namespace gatehouse::gateway
