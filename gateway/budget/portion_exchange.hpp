#pragma once

#include "auth/store/shared_states.hpp"
#include "gateway/budget/upstream_budget.hpp"
#include "gateway/limits/rate_keys.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace gatehouse::gateway {

/// Fetches portions of shared quotas from the store, for upstreams whose requests found none. What
/// was not reserved there is not sent, so a store that does not answer stops those upstreams and no
/// others.
class PortionExchange {
public:
    using Budgets = std::vector<std::pair<std::string, std::shared_ptr<UpstreamBudget>>>;

    struct Rooms {
        std::function<Budgets()> budgets; // by name of their upstream
        auth::SharedStates& states;
        RateKeys keys; // of all gateways of the store
        PortionBell& bell;
        std::atomic<std::uint64_t>& failures; // calls that the store did not answer
    };

    /// The rooms outlive it.
    explicit PortionExchange(Rooms rooms) : rooms_(std::move(rooms)) {}

    PortionExchange(const PortionExchange&) = delete;
    PortionExchange& operator=(const PortionExchange&) = delete;
    ~PortionExchange();

    /// From now on by itself, on a thread of its own.
    void start();

    /// Once for each that wants some.
    void fetch();

private:
    void fetch_for(const std::string& upstream, UpstreamBudget& budget);

    const Rooms rooms_;
    std::thread thread_;
};

} // namespace gatehouse::gateway
