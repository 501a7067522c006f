#pragma once

#include "gateway/api/auth_api.hpp"
#include "gateway/runtime/auth_rooms.hpp"
#include "gateway/runtime/rooms.hpp"

#include <cstdint>
#include <memory>

namespace gatehouse::gateway {

/// A generation of settings with an auth API of its own, which lives as long as it does: a call
/// runs to its end by the settings it began with. `rooms` outlive it; `queues` go on to the next
/// one.
[[nodiscard]] std::shared_ptr<const Runtime> make_runtime(const config::Settings& settings,
                                                          std::uint64_t number, AuthRooms& rooms,
                                                          std::shared_ptr<AuthApi::Queues> queues,
                                                          TlsServers tls_servers);

} // namespace gatehouse::gateway
