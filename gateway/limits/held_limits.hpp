#pragma once

#include "gateway/limits/places.hpp"
#include "gateway/limits/rate_fields.hpp"

namespace gatehouse::gateway {

/// What a request holds of its limits while it runs.
struct HeldLimits {
    RateFields told; // to be written with whatever answers
    Place in_flight; // of all,
    Place in_route;  // and of its route

    void end() noexcept
    {
        told.clear();
        in_flight.give_back();
        in_route.give_back();
    }
};

} // namespace gatehouse::gateway
