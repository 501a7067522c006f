#pragma once

#include "gateway/runtime/worker.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

namespace gatehouse::gateway {

/// Copies of all sockets that the workers listen on now, those of a reload among them: the first
/// worker's, in the order of the settings, then the next one's. Blocks, so never on a worker.
/// Nothing, when a worker does not answer within `patience` or there are no descriptors left.
[[nodiscard]] std::optional<std::vector<ListenerCopy>>
copy_listeners(const std::vector<std::unique_ptr<Worker>>& workers,
               std::chrono::milliseconds patience);

} // namespace gatehouse::gateway
