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

std::unique_ptr<PortionExchange> share_budgets(const AuthRooms& auth, SharedRooms& shared)
{
    auto* const states = auth.shared_states();
    if (states == nullptr || !auth.shared_key()) return nullptr;
    auto& board = shared.endpoints;
    auto exchange = std::make_unique<PortionExchange>(PortionExchange::Rooms{
        [&board] { return board.shared_budgets(); }, *states, RateKeys(*auth.shared_key()),
        board.share_budgets(), board.portion_failures});
    exchange->start();
    return exchange;
}

} // namespace gatehouse::gateway
