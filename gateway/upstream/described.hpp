#pragma once

#include "gateway/upstream/target.hpp"

#include <string>

namespace gatehouse::gateway {

/// Where requests for it go, for people: one endpoint, or all of them and how one is chosen.
[[nodiscard]] std::string described(const UpstreamTarget& upstream);

} // namespace gatehouse::gateway
