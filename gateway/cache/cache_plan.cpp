#include "gateway/cache/cache_plan.hpp"

#include <utility>

namespace gatehouse::gateway {

void CachePlan::fly_for_user()
{
    if (!flight_ || key_ == &keyed->for_user) return;
    auto next = store.board(own());
    auto flight = next.leads ? std::move(next.flight) : store.fly_alone(own());
    const auto before = flight_;
    land();
    // Whatever spoilt it before the new one was known spoils that as well.
    if (before->is_spoilt()) flight->spoil();
    fly(own(), std::move(flight));
}

void CachePlan::land() noexcept
{
    if (!flight_) return;
    const auto flight = std::exchange(flight_, nullptr);
    store.land({keyed->resource, *key_}, flight);
}

} // namespace gatehouse::gateway
