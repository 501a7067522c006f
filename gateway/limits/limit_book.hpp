#pragma once

#include "gateway/limits/address_counts.hpp"
#include "gateway/limits/places.hpp"
#include "gateway/limits/rate_keys.hpp"
#include "gateway/limits/rate_table.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::gateway {

/// What all workers count together, in all generations of settings. Workers come here when settings
/// change; what they take away with them is asked without a lock. A count stays as long as some
/// generation has it, so a reload begins nothing anew.
class LimitBook {
public:
    /// A rate that gateways of one store count together.
    struct SharedRate {
        std::string id;
        RateTerms terms;
        std::shared_ptr<RateTable> table;
    };

    /// The keys of the rate of that name.
    [[nodiscard]] std::shared_ptr<RateTable> table(const config::RateSettings& rate,
                                                   const std::string& id);

    /// What its keys are made with.
    [[nodiscard]] const RateKeys& keys(const config::RateSettings& rate) const noexcept
    {
        return rate.shared && shared_keys_ ? *shared_keys_ : own_keys_;
    }

    [[nodiscard]] const RateKeys& own_keys() const noexcept { return own_keys_; }

    /// Rates with `shared` are counted with others who have these keys. Before workers start.
    void count_together(const RateKeys& keys) { shared_keys_ = keys; }

    [[nodiscard]] std::vector<SharedRate> shared_rates();

    /// Requests of the route of that name that are under way.
    [[nodiscard]] std::shared_ptr<PlaceCount> places(const std::string& route);

    /// Those of all routes, while there is a limit.
    [[nodiscard]] const std::shared_ptr<PlaceCount>& in_flight() const noexcept
    {
        return in_flight_;
    }

    /// Open connections by address, while there is a limit.
    [[nodiscard]] AddressCounts& connections() noexcept { return connections_; }

    using Time = std::chrono::steady_clock::time_point;

    /// A request to an upstream was refused because there were too many.
    void shed(Time now) noexcept { shed_at_.store(now, std::memory_order_relaxed); }

    /// One was within the last so many seconds.
    [[nodiscard]] bool sheds(Time now) const noexcept;

private:
    RateKeys own_keys_;
    std::optional<RateKeys> shared_keys_;
    std::mutex mutex_;
    std::map<std::string, std::weak_ptr<RateTable>> tables_;  // guarded by mutex_
    std::map<std::string, RateTerms> shared_;                 // the same: by id, of shared ones
    std::map<std::string, std::weak_ptr<PlaceCount>> places_; // the same
    const std::shared_ptr<PlaceCount> in_flight_ = std::make_shared<PlaceCount>(0);
    AddressCounts connections_;
    std::atomic<Time> shed_at_{Time::min()};
};

} // namespace gatehouse::gateway
