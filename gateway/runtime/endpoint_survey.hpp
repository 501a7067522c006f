#pragma once

#include "gateway/runtime/worker.hpp"

#include <chrono>
#include <memory>
#include <vector>

namespace gatehouse::gateway {

/// What all workers together say of their endpoints, and how those stand. Blocks, so never on a
/// worker; one that does not answer within `patience` is left out.
[[nodiscard]] EndpointBook survey_endpoints(const std::vector<std::unique_ptr<Worker>>& workers,
                                            EndpointBoard& board,
                                            std::chrono::milliseconds patience);

} // namespace gatehouse::gateway
