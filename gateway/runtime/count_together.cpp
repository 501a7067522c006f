#include "gateway/runtime/count_together.hpp"

namespace gatehouse::gateway {

std::unique_ptr<RateExchange> count_together(const AuthRooms& auth, SharedRooms& shared)
{
    auto* const states = auth.shared_states();
    if (states == nullptr || !auth.shared_key()) return nullptr;
    const RateKeys keys(*auth.shared_key());
    shared.limits.count_together(keys);
    auto exchange =
        std::make_unique<RateExchange>(RateExchange::Rooms{shared.limits, *states, keys});
    exchange->start();
    return exchange;
}

} // namespace gatehouse::gateway
