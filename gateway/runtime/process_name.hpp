#pragma once

#include <string>

namespace gatehouse::gateway {

/// What an operator finds this process by, and what no other process has: host, process id and, for
/// in containers both may be the same, something random. `web-1:4711:Xb3v0Q`
[[nodiscard]] std::string process_name();

} // namespace gatehouse::gateway
