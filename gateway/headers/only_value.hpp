#pragma once

#include "gateway/http/head.hpp"

#include <span>
#include <string_view>

namespace gatehouse::gateway {

/// The one value of a field, or empty when it is missing or there are several.
[[nodiscard]] std::string_view only_value(std::span<const Field> fields,
                                          std::string_view name) noexcept;

} // namespace gatehouse::gateway
