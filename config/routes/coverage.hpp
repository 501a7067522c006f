#pragma once

#include "config/routes/pattern.hpp"

namespace gatehouse::config {

/// Whether every path that `inner` fits is one that `outer` fits.
[[nodiscard]] bool covers(const PathPattern& outer, const PathPattern& inner);

/// The same of hosts.
[[nodiscard]] bool covers(const HostPattern& outer, const HostPattern& inner);

} // namespace gatehouse::config
