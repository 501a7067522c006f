// What becomes of an upstream's endpoints when one of them changes.
#include "config/basics/enforced.hpp"
#include "gateway/observe/event_log.hpp"
#include "gateway/upstream/endpoint_state.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace gatehouse::gateway {

void UpstreamStanding::use(const config::UpstreamSettings& settings)
{
    const std::scoped_lock lock(mutex_);
    // Whom nobody asks any more is as good as any other.
    if (!settings.health.is_on() && health_.is_on()) {
        for (auto* member : members_) member->verdict_ = {};
    }
    health_ = settings.health;
    ejection_ = settings.ejection;
    eject_after_.store(ejection_.after, std::memory_order_relaxed);
    if (settings.budget) {
        if (!budget_) budget_ = std::make_shared<UpstreamBudget>(bell_);
        budget_->use(*settings.budget);
    } else {
        budget_.reset();
    }
    weigh();
}

std::shared_ptr<UpstreamBudget> UpstreamStanding::budget() const
{
    const std::scoped_lock lock(mutex_);
    return budget_;
}

config::HealthCheckSettings UpstreamStanding::health() const
{
    const std::scoped_lock lock(mutex_);
    return health_;
}

void UpstreamStanding::add(EndpointState& endpoint)
{
    const std::scoped_lock lock(mutex_);
    members_.push_back(&endpoint);
    endpoint.since_ = clock_.now();
    weigh();
}

void UpstreamStanding::weigh_as(EndpointState& endpoint, std::uint32_t weight)
{
    const std::scoped_lock lock(mutex_);
    endpoint.weight_ = weight;
    weigh();
}

void UpstreamStanding::remove(EndpointState& endpoint) noexcept
{
    const std::scoped_lock lock(mutex_);
    std::erase(members_, &endpoint);
    weigh();
}

void UpstreamStanding::lead(EndpointState& endpoint, std::vector<SocketAddress> addresses)
{
    const std::scoped_lock lock(mutex_);
    const bool is_first = endpoint.addresses_.empty() && !addresses.empty();
    endpoint.addresses_ = std::move(addresses);
    if (!is_first || !endpoint.verdict_.known) return;
    endpoint.verdict_ = {};
    weigh();
}

std::vector<SocketAddress> UpstreamStanding::addresses_of(const EndpointState& endpoint) const
{
    const std::scoped_lock lock(mutex_);
    return endpoint.addresses_;
}

bool UpstreamStanding::eject(EndpointState& endpoint, std::string_view reason, Monotonic now)
{
    const std::scoped_lock lock(mutex_);
    if (endpoint.ejected_ || ejection_.after == 0) return false;
    const auto [all, fit] = count();
    const bool enough = !endpoint.carries() || may_eject(all, fit, ejection_.floor);
    const bool may = endpoint.is_fit() && enough;
    if (enforced("upstream.ejection_floor") && !may) return false;
    endpoint.ejected_ = true;
    endpoint.record_ = ejected_again(endpoint.record_, now, ejection_);
    endpoint.back_at_.store(endpoint.record_.back_at, std::memory_order_relaxed);
    endpoint.ejections_.fetch_add(1, std::memory_order_relaxed);
    note(endpoint, reason);
    say(endpoint, false, "endpoint_ejected", "failed too often in a row and is left alone",
        endpoint.record_.back_at - now);
    weigh();
    return true;
}

void UpstreamStanding::end_ejection(EndpointState& endpoint, Monotonic now)
{
    const std::scoped_lock lock(mutex_);
    if (!endpoint.ejected_ || now < endpoint.record_.back_at) return;
    endpoint.ejected_ = false;
    endpoint.back_at_.store({}, std::memory_order_relaxed);
    endpoint.failures_.store(0, std::memory_order_relaxed);
    note(endpoint, "its time is over");
    say(endpoint, true, "endpoint_back", "gets requests again");
    weigh();
}

void UpstreamStanding::checked(EndpointState& endpoint, bool good, std::string_view reason)
{
    const std::scoped_lock lock(mutex_);
    if (!health_.is_on()) return;
    const auto before = endpoint.verdict_;
    endpoint.verdict_ = after_check(before, good, health_);
    if (endpoint.verdict_.healthy == before.healthy) return;
    note(endpoint, reason);
    if (endpoint.verdict_.healthy) {
        say(endpoint, true, "endpoint_healthy", "passes its checks again");
    } else {
        say(endpoint, false, "endpoint_unhealthy", "does not pass its checks");
    }
    weigh();
}

EndpointStanding UpstreamStanding::standing_of(const EndpointState& endpoint, Monotonic now) const
{
    const std::scoped_lock lock(mutex_);
    EndpointStanding standing;
    standing.checked = endpoint.verdict_.known;
    standing.healthy = endpoint.verdict_.healthy;
    standing.ejected = endpoint.ejected_ && now < endpoint.record_.back_at;
    standing.used =
        !endpoint.out_.load(std::memory_order_relaxed) || (standing.healthy && !standing.ejected);
    standing.ejections = endpoint.ejections_.load(std::memory_order_relaxed);
    standing.since = endpoint.since_;
    standing.reason = endpoint.reason_;
    return standing;
}

void UpstreamStanding::note(EndpointState& endpoint, std::string_view reason)
{
    endpoint.since_ = clock_.now();
    endpoint.reason_ = reason;
}

/// One that is being emptied could not stand in for another: nobody new is sent there.
UpstreamStanding::Numbers UpstreamStanding::count() const noexcept
{
    Numbers numbers;
    for (const auto* member : members_) {
        if (!member->carries()) continue;
        ++numbers.all;
        if (member->is_fit()) ++numbers.fit;
    }
    return numbers;
}

/// Panic, as Envoy calls it: whom requests would not go to any more would not be asked either, and
/// an answer of a doubtful endpoint is better than none.
void UpstreamStanding::weigh()
{
    const auto numbers = count();
    const bool all = must_use_all(numbers.all, numbers.fit, health_.floor);
    for (auto* member : members_) {
        member->out_.store(!all && !member->is_fit(), std::memory_order_relaxed);
    }
    if (std::exchange(all_used_, all) == all || numbers.all < 2 || events_ == nullptr) return;
    const Fact upstream{"upstream", name_};
    if (all) {
        events_->say(config::LogLevel::error, "upstream_unfit",
                     "too few endpoints are fit, so all of them are used", {upstream});
    } else {
        events_->say(config::LogLevel::info, "upstream_fit",
                     "enough endpoints are fit again, and only they are used", {upstream});
    }
}

void UpstreamStanding::say(const EndpointState& endpoint, bool good, std::string_view event,
                           std::string_view message, Monotonic lasts) const
{
    if (events_ == nullptr) return;
    const auto millis = lasts == Monotonic{} ? std::string{} : std::to_string(lasts.count());
    events_->say(good ? config::LogLevel::info : config::LogLevel::warn, event, message,
                 {
                     {"upstream", name_},
                     {"endpoint", endpoint.target_.authority},
                     {"reason", endpoint.reason_},
                     {"milliseconds", millis, true}
    });
}

} // namespace gatehouse::gateway
