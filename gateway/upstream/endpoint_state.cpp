#include "gateway/upstream/endpoint_state.hpp"

#include "gateway/net/timers.hpp"
#include "gateway/observe/event_log.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::gateway {

EndpointState::EndpointState(std::shared_ptr<UpstreamStanding> upstream, EndpointTarget target,
                             EndpointLabel label, std::uint32_t weight)
    : target_(std::move(target)),
      label_(std::move(label)),
      upstream_(std::move(upstream)),
      weight_(weight)
{
    upstream_->add(*this);
}

EndpointState::~EndpointState()
{
    upstream_->remove(*this);
}

bool EndpointState::failed(std::string_view reason, Monotonic now) noexcept
{
    const auto in_a_row = failures_.fetch_add(1, std::memory_order_relaxed) + 1;
    const auto enough = upstream_->eject_after_.load(std::memory_order_relaxed);
    return enough != 0 && in_a_row >= enough && upstream_->eject(*this, reason, now);
}

/// Nobody has to remember to bring it back: whoever passes by after its time does.
bool EndpointState::has_come_back() noexcept
{
    const auto back_at = back_at_.load(std::memory_order_relaxed);
    if (back_at == Monotonic{}) return false;
    const auto now = Timers::now();
    if (now < back_at) return false;
    upstream_->end_ejection(*this, now);
    return !out_.load(std::memory_order_relaxed);
}

void EndpointBoard::on_change(std::function<void()> changed)
{
    const std::scoped_lock lock(mutex_);
    changed_ = std::move(changed);
}

std::shared_ptr<EndpointState> EndpointBoard::hold(const std::string& upstream,
                                                   const EndpointTarget& target,
                                                   const config::UpstreamSettings& settings,
                                                   std::uint32_t weight,
                                                   std::vector<SocketAddress> addresses)
{
    const std::scoped_lock lock(mutex_);
    auto& place = upstreams_[upstream];
    auto standing = place.lock();
    if (!standing) {
        place = standing = std::make_shared<UpstreamStanding>(upstream, clock_, events_,
                                                              in_portions_ ? &bell_ : nullptr);
    }
    standing->use(settings);
    auto& kept = endpoints_[{upstream, target.pool_key()}];
    auto state = kept.lock();
    if (state) {
        state->use(weight);
    } else {
        EndpointLabel label{upstream, target.authority};
        if (labels_taken() >= most_labels_) {
            label = {std::string(route_labels::other), std::string(route_labels::other)};
        }
        kept = state =
            std::make_shared<EndpointState>(std::move(standing), target, std::move(label), weight);
    }
    state->lead_to(std::move(addresses));
    if (changed_) changed_();
    return state;
}

void EndpointBoard::use(std::size_t most_labels)
{
    const std::scoped_lock lock(mutex_);
    most_labels_ = most_labels;
}

/// With mutex_ held. Of endpoints that come and go by the hundred each is counted once more here:
/// they are few, and this is no request.
std::size_t EndpointBoard::labels_taken() const
{
    return static_cast<std::size_t>(std::ranges::count_if(endpoints_, [](const auto& entry) {
        const auto state = entry.second.lock();
        return state && !state->label().is_shared();
    }));
}

std::vector<std::shared_ptr<EndpointState>> EndpointBoard::all()
{
    const std::scoped_lock lock(mutex_);
    std::erase_if(upstreams_, [](const auto& entry) { return entry.second.expired(); });
    std::vector<std::shared_ptr<EndpointState>> held;
    std::erase_if(endpoints_, [&](const auto& entry) {
        auto state = entry.second.lock();
        if (!state) return true;
        held.push_back(std::move(state));
        return false;
    });
    return held;
}

PortionExchange::Budgets EndpointBoard::shared_budgets()
{
    const std::scoped_lock lock(mutex_);
    PortionExchange::Budgets budgets;
    for (const auto& [name, upstream] : upstreams_) {
        const auto standing = upstream.lock();
        auto budget = standing ? standing->budget() : nullptr;
        if (budget && budget->settings().shared) budgets.emplace_back(name, std::move(budget));
    }
    return budgets;
}

} // namespace gatehouse::gateway
