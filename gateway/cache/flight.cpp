#include "gateway/cache/flight.hpp"

#include <utility>

namespace gatehouse::gateway {

void Flight::Seat::leave() noexcept
{
    if (!flight_) return;
    const auto flight = std::exchange(flight_, nullptr);
    const std::scoped_lock lock(flight->mutex_);
    if (!flight->ended_) flight->waiting_.erase(place_);
}

bool Flight::sit(const std::shared_ptr<Flight>& flight, Seat& seat, std::function<void()> wake)
{
    const std::scoped_lock lock(flight->mutex_);
    if (flight->ended_) return false;
    seat.place_ = flight->waiting_.insert(flight->waiting_.end(), std::move(wake));
    seat.flight_ = flight;
    return true;
}

bool Flight::has_ended() const
{
    const std::scoped_lock lock(mutex_);
    return ended_;
}

void Flight::spoil()
{
    const std::scoped_lock lock(mutex_);
    spoilt_ = true;
}

bool Flight::is_spoilt() const
{
    const std::scoped_lock lock(mutex_);
    return spoilt_;
}

/// Under the lock: whoever leaves its seat meanwhile waits until it has been woken, and is not
/// woken any more afterwards.
void Flight::end() noexcept
{
    const std::scoped_lock lock(mutex_);
    if (std::exchange(ended_, true)) return;
    for (const auto& wake : waiting_) wake();
    waiting_.clear();
}

} // namespace gatehouse::gateway
