#pragma once

#include "auth/basics/clock.hpp"
#include "config/settings/upstreams.hpp"
#include "gateway/budget/portion_exchange.hpp"
#include "gateway/observe/traffic.hpp"
#include "gateway/upstream/ejection.hpp"
#include "gateway/upstream/endpoint_facts.hpp"
#include "gateway/upstream/health_verdict.hpp"
#include "gateway/upstream/spare_places.hpp"
#include "gateway/upstream/target.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::gateway {

class EventLog;
class EndpointState;

/// What the endpoints of one upstream have to do with each other: so many of them stay in use.
class UpstreamStanding {
public:
    UpstreamStanding(std::string name, const auth::Clock& clock, EventLog* events,
                     PortionBell* bell = nullptr)
        : name_(std::move(name)),
          clock_(clock),
          events_(events),
          bell_(bell)
    {
    }

    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    /// By what its endpoints are judged from now on.
    void use(const config::UpstreamSettings& settings);

    [[nodiscard]] config::HealthCheckSettings health() const;

    /// What it may still be asked; null: as much as one likes.
    [[nodiscard]] std::shared_ptr<UpstreamBudget> budget() const;

private:
    friend class EndpointState;

    void add(EndpointState& endpoint);
    void weigh_as(EndpointState& endpoint, std::uint32_t weight);
    void remove(EndpointState& endpoint) noexcept;
    void lead(EndpointState& endpoint, std::vector<SocketAddress> addresses);
    [[nodiscard]] std::vector<SocketAddress> addresses_of(const EndpointState& endpoint) const;
    bool eject(EndpointState& endpoint, std::string_view reason, Monotonic now);
    void end_ejection(EndpointState& endpoint, Monotonic now);
    void checked(EndpointState& endpoint, bool good, std::string_view reason);
    [[nodiscard]] EndpointStanding standing_of(const EndpointState& endpoint, Monotonic now) const;

    /// Of those that carry the upstream.
    struct Numbers {
        std::size_t all = 0;
        std::size_t fit = 0;
    };

    // With mutex_ held:
    void note(EndpointState& endpoint, std::string_view reason);
    [[nodiscard]] Numbers count() const noexcept;
    void weigh();
    void say(const EndpointState& endpoint, bool good, std::string_view event,
             std::string_view message, Monotonic lasts = {}) const;

    const std::string name_;
    const auth::Clock& clock_;
    EventLog* const events_;
    PortionBell* const bell_;
    std::atomic<std::uint32_t> eject_after_{0};
    mutable std::mutex mutex_;
    config::HealthCheckSettings health_{};
    config::EjectionSettings ejection_{};
    std::shared_ptr<UpstreamBudget> budget_; // guarded by mutex_
    std::vector<EndpointState*> members_;
    bool all_used_ = false; // for want of better ones
};

/// What metrics call an endpoint: `other` for those beyond `metrics.endpoints`.
struct EndpointLabel {
    std::string upstream;
    std::string endpoint;

    [[nodiscard]] bool is_shared() const { return endpoint == route_labels::other; }
};

/// One endpoint of one upstream, for all workers and for as long as any of them knows it. Workers
/// read it without a lock; who has something to change takes that of its upstream.
class EndpointState {
public:
    EndpointState(std::shared_ptr<UpstreamStanding> upstream, EndpointTarget target,
                  EndpointLabel label, std::uint32_t weight);
    EndpointState(const EndpointState&) = delete;
    EndpointState& operator=(const EndpointState&) = delete;
    ~EndpointState();

    [[nodiscard]] const EndpointTarget& target() const noexcept { return target_; }

    [[nodiscard]] UpstreamStanding& upstream() const noexcept { return *upstream_; }

    /// What metrics call it.
    [[nodiscard]] const EndpointLabel& label() const noexcept { return label_; }

    /// Whether requests may be sent there: one relaxed load, where they may.
    [[nodiscard]] bool may_be_used() noexcept
    {
        return !out_.load(std::memory_order_relaxed) || has_come_back();
    }

    /// A request was answered.
    void succeeded() noexcept
    {
        if (failures_.load(std::memory_order_relaxed) != 0) {
            failures_.store(0, std::memory_order_relaxed);
        }
    }

    /// A request was not, or not as it should be; `reason` is a word for the log. True: that was
    /// one too many, and the endpoint is left alone for a while.
    bool failed(std::string_view reason, Monotonic now) noexcept;

    /// Its share of the requests from now on. One that has none does not count where so many are to
    /// stay in use.
    void use(std::uint32_t weight) { upstream_->weigh_as(*this, weight); }

    /// Its name leads there now; none: it is looked up at each connect. What checks found before
    /// the first such answer came from elsewhere, and is forgotten.
    void lead_to(std::vector<SocketAddress> addresses)
    {
        upstream_->lead(*this, std::move(addresses));
    }

    [[nodiscard]] std::vector<SocketAddress> addresses() const
    {
        return upstream_->addresses_of(*this);
    }

    /// The result of one check.
    void checked(bool good, std::string_view reason) { upstream_->checked(*this, good, reason); }

    [[nodiscard]] EndpointStanding standing(Monotonic now) const
    {
        return upstream_->standing_of(*this, now);
    }

    /// What all workers have there now. Not on the line that every request reads.
    struct alignas(64) Load {
        std::atomic<std::uint32_t> requests{0}; // counted with `circuit.requests` only
        std::atomic<std::uint32_t> connections{0};
        std::atomic<std::uint32_t> connecting{0};
    };

    Load load;

    /// The pools of all workers, where one may have what another one needs.
    const std::shared_ptr<SparePlaces> places = std::make_shared<SparePlaces>();

private:
    friend class UpstreamStanding;

    [[nodiscard]] bool has_come_back() noexcept;

    [[nodiscard]] bool is_fit() const noexcept { return verdict_.healthy && !ejected_; }

    /// Requests of all clients go there, while it is fit.
    [[nodiscard]] bool carries() const noexcept { return weight_ != 0; }

    alignas(64) std::atomic<bool> out_{false};
    std::atomic<std::uint32_t> failures_{0}; // in a row
    std::atomic<Monotonic> back_at_{};       // of an ejection; 0: there is none
    std::atomic<std::uint64_t> ejections_{0};

    const EndpointTarget target_;
    const EndpointLabel label_;
    const std::shared_ptr<UpstreamStanding> upstream_;

    // Guarded by the upstream's mutex:
    std::uint32_t weight_ = 1;
    std::vector<SocketAddress> addresses_;
    HealthVerdict verdict_;
    EjectionRecord record_;
    bool ejected_ = false;
    auth::Millis since_{};
    std::string reason_;
};

/// All endpoints of the process: by upstream, and there by what they are. One is forgotten with the
/// last who holds it, so that what a reload keeps goes on as it was judged.
class EndpointBoard {
public:
    explicit EndpointBoard(const auth::Clock& clock) : clock_(clock) {}

    /// Before anything is held. Without: nobody is told of changes.
    void tell(EventLog& events) noexcept { events_ = &events; }

    /// So many endpoints have names of their own in metrics from now on; those there are keep
    /// theirs.
    void use(std::size_t most_labels);

    /// Called, from any thread, when there is an endpoint more or other settings.
    void on_change(std::function<void()> changed);

    /// The endpoint of that upstream, which is judged by `settings` from now on. `addresses`: what
    /// its name stands for, where that is looked up beforehand.
    [[nodiscard]] std::shared_ptr<EndpointState> hold(const std::string& upstream,
                                                      const EndpointTarget& target,
                                                      const config::UpstreamSettings& settings,
                                                      std::uint32_t weight = 1,
                                                      std::vector<SocketAddress> addresses = {});

    /// Those that somebody holds.
    [[nodiscard]] std::vector<std::shared_ptr<EndpointState>> all();

    /// What `shared` quotas are fetched by: in portions, from a store of several gateways. Before
    /// anything is held.
    [[nodiscard]] PortionBell& share_budgets() noexcept
    {
        in_portions_ = true;
        return bell_;
    }

    /// Of upstreams that share theirs.
    [[nodiscard]] PortionExchange::Budgets shared_budgets();

    /// Portions that could not be fetched, since the store did not answer.
    std::atomic<std::uint64_t> portion_failures{0};

private:
    [[nodiscard]] std::size_t labels_taken() const;

    const auth::Clock& clock_;
    EventLog* events_ = nullptr;
    PortionBell bell_;
    bool in_portions_ = false;
    std::mutex mutex_;
    std::size_t most_labels_ = config::MetricsSettings{}.endpoints;
    std::function<void()> changed_;
    std::map<std::string, std::weak_ptr<UpstreamStanding>> upstreams_;
    /// By upstream and EndpointTarget::pool_key().
    std::map<std::pair<std::string, std::string>, std::weak_ptr<EndpointState>> endpoints_;
};

} // namespace gatehouse::gateway
