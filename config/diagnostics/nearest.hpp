#pragma once

#include <span>
#include <string>
#include <string_view>

namespace gatehouse::config {

/// The name that was probably meant, or "" when none is near: at most a third of the letters wrong,
/// counting a swap of neighbours as one mistake and upper and lower case as the same.
[[nodiscard]] std::string_view nearest(std::string_view written,
                                       std::span<const std::string_view> names);

/// `did you mean "access_ttl"?`, or all the names when none is near.
[[nodiscard]] std::string nearest_hint(std::string_view written,
                                       std::span<const std::string_view> names);

} // namespace gatehouse::config
