#pragma once

#include "gateway/issuers/issuer_watch.hpp"
#include "gateway/runtime/log_rooms.hpp"
#include "gateway/runtime/worker.hpp"

#include <memory>
#include <vector>

namespace gatehouse::gateway {

/// What a gateway's watch works with: it asks over HTTP, each worker hears of new keys, and the
/// log of what became of an issuer.
[[nodiscard]] IssuerWatch::Rooms
rooms_for_issuers(const std::vector<std::unique_ptr<Worker>>& workers, LogRooms& logs);

} // namespace gatehouse::gateway
