#pragma once

#include "gateway/limits/rate_exchange.hpp"
#include "gateway/runtime/auth_rooms.hpp"
#include "gateway/runtime/rooms.hpp"

#include <memory>

namespace gatehouse::gateway {

/// Has rates that are `shared` hold for all gateways of a store. Before workers start; both outlive
/// it. Null where one process serves: they hold for this one.
[[nodiscard]] std::unique_ptr<RateExchange> count_together(const AuthRooms& auth,
                                                           SharedRooms& shared);

/// The same for quotas of upstreams that are `shared`: portions of them are fetched from the store.
[[nodiscard]] std::unique_ptr<PortionExchange> share_budgets(const AuthRooms& auth,
                                                             SharedRooms& shared);

} // namespace gatehouse::gateway
