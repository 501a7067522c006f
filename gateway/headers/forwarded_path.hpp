#pragma once

#include <string_view>

namespace gatehouse::gateway {

/// The path a backend sees: `strip_prefix` taken off at a segment boundary (escapes decoded, as
/// routes are compared), never empty. A path that does not begin with it stays whole.
[[nodiscard]] std::string_view forwarded_path(std::string_view path,
                                              std::string_view strip_prefix) noexcept;

} // namespace gatehouse::gateway
